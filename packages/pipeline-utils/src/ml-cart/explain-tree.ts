import type { Feature } from "../aws/models/feature.js";
import type { Explanation, PathStep } from "../aws/models/model-class.js";
import { decodeValue } from "../aws/models/row.js";
import { NotExplainableError } from "../errors.js";
import type { MlCartTree } from "./copy-tree.js";
import { countedTree } from "./counted-tree.js";
import type { CountedTree } from "./counted-tree.js";
import { shapleyValues } from "./shapley-values.js";

/** Limit of the categories that a step names. It only counts the others. */
const MAX_NAMED_CATEGORIES = 4;
/** Digits of a threshold in words. */
const SHOWN_DIGITS = 6;

/**
 * Explain the prediction of a tree for one row: the path, and the exact Shapley value of each feature.
 *
 * Shapley values share out the difference between the prediction and the mean prediction. Their game is that of
 * path-dependent TreeSHAP: if a feature is unknown, both sides of its splits count by their training rows.
 *
 * @param tree - With `samples` in every node, as decision-tree writes it.
 * @param row - One number per feature, as `ModelClass.predict` takes them.
 * @param features - Names for the path, in column order. Default: `column 0`, `column 1`, …
 * @returns One contribution per number of the row.
 * @throws {NotExplainableError} The nodes have no `samples`.
 * @throws {RangeError} A node is invalid, or the row is too short.
 * @see Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for trees".
 */
export function explainTree(
  tree: MlCartTree,
  row: readonly number[],
  features: readonly Feature[] = [],
): Explanation {
  const counted = countedTree(tree);
  if (counted === undefined) {
    throw new NotExplainableError(
      "the tree carries no counts: its nodes have no samples. Train the model again to explain it",
    );
  }
  if (row.length < counted.columns) {
    throw new RangeError(`the row has ${row.length} values, expected at least ${counted.columns}`);
  }
  // A tree compares 32-bit floats, as scikit-learn's trees do.
  const singles = row.map(Math.fround);
  const { leaf, path } = findPath(counted, singles, row, features);
  const { mean } = counted;
  return {
    prediction: mean[leaf] ?? NaN,
    mean: mean[0] ?? NaN,
    contributions: shapleyValues(counted, singles),
    path,
  };
}

function findPath(
  { column: columns, threshold: thresholds, right, samples, mean }: CountedTree,
  singles: readonly number[],
  row: readonly number[],
  features: readonly Feature[],
): { leaf: number; path: PathStep[] } {
  const path: PathStep[] = [];
  /** By column: the range of indices that the decisions leave possible, the last excluded. */
  const ranges = new Map<number, Range>();
  let node = 0;
  for (let column = columns[0] ?? -1; column >= 0; column = columns[node] ?? -1) {
    const threshold = thresholds[node] ?? NaN;
    const isLeft = (singles[column] ?? NaN) <= threshold;
    node = isLeft ? node + 1 : (right[node] ?? 0);
    const feature: Feature = features[column] ?? { name: `column ${column}`, type: "number" };
    const value = row[column] ?? NaN;
    const { from, to } = ranges.get(column) ?? { from: 0, to: Infinity };
    const middle = Math.floor(threshold) + 1;
    const range = isLeft ? { from, to: Math.min(to, middle) } : { from: Math.max(from, middle), to };
    ranges.set(column, range);
    path.push({
      feature: feature.name,
      threshold,
      side: isLeft ? "left" : "right",
      samples: samples[node] ?? NaN,
      mean: mean[node] ?? NaN,
      words: describeDecision(feature, value, threshold, range),
    });
  }
  return { leaf: node, path };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** @param range - For a category: the indices that all decisions up to this one leave possible. */
function describeDecision(feature: Feature, value: number, threshold: number, { from, to }: Range): string {
  const { name } = feature;
  switch (feature.type) {
    case "number": {
      const rounded = roundThreshold(threshold, value);
      return `${name} ${value} is ${value <= rounded ? "at most" : "above"} ${rounded}`;
    }
    case "boolean":
      return `${name} is ${String(decodeValue(feature, value))}`;
    case "category": {
      const shown = String(decodeValue(feature, value));
      const count = Math.min(to, feature.categories.length) - from;
      if (count < 2) {
        return `${name} is ${shown}`;
      }
      const named = feature.categories.slice(from, from + Math.min(count, MAX_NAMED_CATEGORIES)).join(", ");
      const others = count > MAX_NAMED_CATEGORIES ? ` and ${count - MAX_NAMED_CATEGORIES} more` : "";
      return `${name} ${shown} is one of ${named}${others}`;
    }
  }
}

/** Leave out digits of a threshold unless the value would then lie on its other side. */
function roundThreshold(threshold: number, value: number): number {
  const rounded = Number(threshold.toPrecision(SHOWN_DIGITS));
  return value <= rounded === value <= threshold ? rounded : threshold;
}
