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
  weights: readonly number[] = labels.map(() => 1),
  depth = 0,
  total = sum(weights),
): NaiveNode {
  const error = errorOf(labels, weights, params);
  const leaf = { value: valueOf(labels, weights, params), count: labels.length };
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
      const [leftWeights, rightWeights] = divide(weights, column, threshold);
      if (Math.min(left.length, right.length) < params.minSamplesLeaf) {
        return;
      }
      const gain = error - errorOf(left, leftWeights, params) - errorOf(right, rightWeights, params);
      if (gain > best.gain + 1e-9 * error) {
        best = { gain, feature, threshold };
      }
    });
  });
  if (best.feature < 0 || best.gain / total < params.minImpurityDecrease) {
    return leaf;
  }
  const { feature, threshold } = best;
  const grow = (side: 0 | 1) => {
    const half = (values: readonly number[]) => divide(values, columns[feature]!, threshold)[side];
    return growNaively(columns.map(half), half(labels), params, half(weights), depth + 1, total);
  };
  return { ...leaf, feature, threshold, left: grow(0), right: grow(1) };
}

function divide(values: readonly number[], by: readonly number[], threshold: number): [number[], number[]] {
  return [values.filter((_, i) => by[i]! <= threshold), values.filter((_, i) => by[i]! > threshold)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Weighted mean, or weighted median: the mean of both middle labels if exactly half of the weight is below. */
function valueOf(labels: readonly number[], weights: readonly number[], { criterion }: TreeParams): number {
  const total = sum(weights);
  if (criterion === "squared_error") {
    return sum(labels.map((label, i) => label * weights[i]!)) / total;
  }
  const order = [...labels.keys()].sort((a, b) => labels[a]! - labels[b]!);
  const upTo = (count: number) => sum(order.slice(0, count).map((i) => weights[i]!));
  const middle = order.findIndex((_, i) => upTo(i + 1) >= total / 2);
  const next = upTo(middle + 1) === total / 2 ? middle + 1 : middle;
  return (labels[order[middle]!]! + labels[order[next]!]!) / 2;
}

function errorOf(labels: readonly number[], weights: readonly number[], params: TreeParams): number {
  const value = valueOf(labels, weights, params);
  return sum(
    labels.map((label, i) => {
      const error = label - value;
      return weights[i]! * (params.criterion === "squared_error" ? error * error : Math.abs(error));
    }),
  );
}
