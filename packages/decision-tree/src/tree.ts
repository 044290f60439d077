/** How well a split separates labels: by the sum of squared, or of absolute, errors of its two sides. */
export type Criterion = "squared_error" | "absolute_error";

/**
 * A grown tree in flat arrays, one element per node. Nodes are numbered in preorder, left before right, as
 * scikit-learn numbers them: node 0 is the root, and a node's left child is the next node.
 */
export interface Tree {
  readonly featureCount: number;
  /** Column that the node splits by; -1 in a leaf. */
  readonly feature: Int32Array;
  /** Rows with `value <= threshold` go left. 0 in a leaf. */
  readonly threshold: Float64Array;
  /** Node numbers; -1 in a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What the node predicts were it a leaf: the mean (squared_error) or the median of its labels. */
  readonly value: Float64Array;
  /** Mean squared, or mean absolute, error of the node's rows from `value`. */
  readonly impurity: Float64Array;
  /** Training rows in the node. */
  readonly count: Int32Array;
  /** Edges from the root. */
  readonly depth: Int32Array;
}

/** The leaf that a row falls into. */
export function findLeaf(tree: Tree, features: readonly Float32Array[], row: number): number {
  const { feature, threshold, left, right } = tree;
  let node = 0;
  let column = feature[0]!;
  while (column >= 0) {
    node = features[column]![row]! <= threshold[node]! ? left[node]! : right[node]!;
    column = feature[node]!;
  }
  return node;
}

/** The nodes from the root to the leaf that a row falls into. */
export function findPath(
  { feature, threshold, left, right }: Tree,
  features: readonly Float32Array[],
  row: number,
): Int32Array {
  const path = [0];
  let node = 0;
  for (let column = feature[0]!; column >= 0; column = feature[node]!) {
    node = features[column]![row]! <= threshold[node]! ? left[node]! : right[node]!;
    path.push(node);
  }
  return Int32Array.from(path);
}

/** The prediction for every row. */
export function predictRows(tree: Tree, features: readonly Float32Array[]): Float64Array {
  const predictions = new Float64Array(features[0]!.length);
  for (let row = 0; row < predictions.length; row++)
    predictions[row] = tree.value[findLeaf(tree, features, row)]!;
  return predictions;
}

/** Edges from the root to the deepest leaf. */
export function depthOf(tree: Tree): number {
  return tree.depth.reduce((deepest, depth) => Math.max(deepest, depth), 0);
}
