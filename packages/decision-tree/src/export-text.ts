import { checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";
import type { Tree } from "./tree.js";

/** How to print a tree. */
export interface ExportTextOptions {
  /** A name for each column. Default `feature_0`, `feature_1`, ... */
  readonly featureNames?: readonly string[];
  /** Digits after the point, 0 to 20. Default 2. */
  readonly decimals?: number;
  /** Maximum depth to print. Below it, a line gives the depth of the branch. Default 10. */
  readonly maxDepth?: number;
}

const OPTION_NAMES: OptionNames<ExportTextOptions> = { featureNames: true, decimals: true, maxDepth: true };

/** `toFixed` writes an exponent from here on. Such a number is an integer. */
const MIN_EXPONENT_NUMBER = 1e21;

/** A line to print later, or a node. */
type Pending = string | { readonly node: number; readonly level: number };

/**
 * The tree as text, as scikit-learn's `export_text` prints it.
 *
 * @throws {RangeError} Another number of names than of columns.
 * @throws {TypeError} An unknown option.
 */
export function exportText(tree: Tree, options: ExportTextOptions = {}): string {
  checkOptions(options, OPTION_NAMES);
  const { featureNames, decimals = 2, maxDepth = 10 } = options;
  if (featureNames !== undefined && featureNames.length !== tree.featureCount) {
    throw new RangeError(
      `featureNames must contain ${tree.featureCount} elements, got ${featureNames.length}`,
    );
  }
  const nameOf = (column: number) => featureNames?.[column] ?? `feature_${column}`;
  const heights = branchHeights(tree);
  const lines: string[] = [];
  const pending: Pending[] = [{ node: 0, level: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") {
      lines.push(next);
      continue;
    }
    const { node, level } = next;
    const indent = `${"|   ".repeat(level)}|---`;
    const column = tree.feature[node]!;
    if (column < 0) {
      lines.push(`${indent} value: [${toFixedEven(tree.value[node]!, decimals)}]`);
    } else if (level > maxDepth) {
      lines.push(`${indent} truncated branch of depth ${heights[node]!}`);
    } else {
      const threshold = toFixedEven(tree.threshold[node]!, decimals);
      lines.push(`${indent} ${nameOf(column)} <= ${threshold}`);
      pending.push(
        { node: tree.right[node]!, level: level + 1 },
        `${indent} ${nameOf(column)} >  ${threshold}`,
      );
      pending.push({ node: tree.left[node]!, level: level + 1 });
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Depth of the subtree below each node, both ends counted. Children come after their parents in the arrays. */
function branchHeights({ feature, left, right }: Tree): Int32Array {
  const heights = new Int32Array(feature.length).fill(1);
  for (let node = feature.length - 1; node >= 0; node--) {
    if (feature[node]! >= 0) {
      heights[node] = 1 + Math.max(heights[left[node]!]!, heights[right[node]!]!);
    }
  }
  return heights;
}

/**
 * A number with some digits after the point, rounded as Python's `format` does. A number exactly between two roundings
 * goes to the even digit, where JavaScript's `toFixed` would go away from zero.
 */
function toFixedEven(value: number, decimals: number): string {
  if (Math.abs(value) >= MIN_EXPONENT_NUMBER) {
    return decimals === 0 ? BigInt(value).toString() : `${BigInt(value)}.${"0".repeat(decimals)}`;
  }
  const rounded = value.toFixed(decimals);
  // 100 decimals are exact for every number that could lie between two roundings.
  const exact = value.toFixed(100);
  const kept = exact.length - 100 + decimals;
  const isTie = decimals < 100 && /^50*$/.test(exact.slice(kept));
  const isEven = "02468".includes(exact.slice(0, kept).replace(".", "").slice(-1));
  return isTie && isEven ? exact.slice(0, decimals === 0 ? kept - 1 : kept) : rounded;
}
