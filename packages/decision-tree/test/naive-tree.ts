import type { TreeParams } from "@ml-pipelines/decision-tree";

/** A tree by the definition: every split of every node is tried, and its error summed anew. */
export interface NaiveNode {
  readonly value: number;
  readonly count: number;
  readonly feature?: number;
  readonly threshold?: number;
  readonly left?: NaiveNode;
  readonly right?: NaiveNode;
}

/** Grow by the definition, with the documented tie rule. Values must be floats of 32 bits. */
export function growNaively(
  columns: readonly (readonly number[])[],
  labels: readonly number[],
  params: TreeParams,
  depth = 0,
): NaiveNode {
  const error = errorOf(labels, params);
  const leaf = { value: valueOf(labels, params), count: labels.length };
  const minSize = Math.max(params.minSamplesSplit, 2 * params.minSamplesLeaf);
  const isPure = labels.every((label) => label === labels[0]);
  if (isPure || depth >= (params.maxDepth ?? Infinity) || labels.length < minSize) {
    return leaf;
  }
  let best = { gain: -Infinity, feature: -1, threshold: 0 };
  columns.forEach((column, feature) => {
    const values = [...new Set(column)].sort((a, b) => a - b);
    values.slice(1).forEach((upper, i) => {
      const threshold = (values[i]! + upper) / 2;
      const [left, right] = divide(labels, column, threshold);
      if (Math.min(left.length, right.length) < params.minSamplesLeaf) {
        return;
      }
      const gain = error - errorOf(left, params) - errorOf(right, params);
      if (gain > best.gain + 1e-9 * error) {
        best = { gain, feature, threshold };
      }
    });
  });
  if (best.feature < 0) {
    return leaf;
  }
  const { feature, threshold } = best;
  const split = columns.map((column) => divide(column, columns[feature]!, threshold));
  const [left, right] = divide(labels, columns[feature]!, threshold);
  return {
    ...leaf,
    feature,
    threshold,
    left: growNaively(
      split.map(([side]) => side),
      left,
      params,
      depth + 1,
    ),
    right: growNaively(
      split.map(([, side]) => side),
      right,
      params,
      depth + 1,
    ),
  };
}

function divide(values: readonly number[], by: readonly number[], threshold: number): [number[], number[]] {
  return [values.filter((_, i) => by[i]! <= threshold), values.filter((_, i) => by[i]! > threshold)];
}

function valueOf(labels: readonly number[], { criterion }: TreeParams): number {
  if (criterion === "squared_error") {
    return labels.reduce((sum, label) => sum + label, 0) / labels.length;
  }
  const sorted = [...labels].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function errorOf(labels: readonly number[], params: TreeParams): number {
  const value = valueOf(labels, params);
  return labels.reduce((sum, label) => {
    const error = label - value;
    return sum + (params.criterion === "squared_error" ? error * error : Math.abs(error));
  }, 0);
}
