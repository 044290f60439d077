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
  /** Prediction of the node as a leaf: the mean (squared_error) or the median of its labels. */
  readonly value: Float64Array;
  /** Mean squared, or mean absolute, error (weighted) of the node's rows from `value`. */
  readonly impurity: Float64Array;
  /** Training rows in the node; 0 in all nodes of a tree from ml-cart without `samples`. */
  readonly count: Int32Array;
  /** Sum of their sample weights; without weights, their number. */
  readonly weightedCount: Float64Array;
  /** Edges from the root. */
  readonly depth: Int32Array;
}

/** The prediction for every row. */
export function predictRows(tree: Tree, features: readonly Float32Array[]): Float64Array {
  const predictions = new Float64Array(features[0]!.length);
  for (let row = 0; row < predictions.length; row++) {
    predictions[row] = tree.value[findLeaf(tree, features, row)]!;
  }
  return predictions;
}

/** The leaf that every row falls into, as node numbers. */
export function applyRows(tree: Tree, features: readonly Float32Array[]): Int32Array {
  return new Int32Array(features[0]!.length).map((_, row) => findLeaf(tree, features, row));
}

/** The leaf that a row falls into. */
function findLeaf(tree: Tree, features: readonly Float32Array[], row: number): number {
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

/** Edges from the root to the deepest leaf. */
export function treeDepth(tree: Tree): number {
  return tree.depth.reduce((deepest, depth) => Math.max(deepest, depth), 0);
}

/**
 * Importance of each feature: its share of the total reduction of the criterion. A split counts with the reduction of
 * its total error. All 0 for a tree without splits.
 *
 * @throws {Error} The tree came from ml-cart, which keeps no impurities.
 * @see Breiman et al. 1984, "Classification and Regression Trees", section 5.3; scikit-learn's `feature_importances_`.
 */
export function featureImportances(tree: Tree): Float64Array {
  const { featureCount, feature, left, right, weightedCount, impurity } = tree;
  if (Number.isNaN(impurity[0])) {
    throw new Error("featureImportances needs impurities, which a tree from ml-cart does not have");
  }
  const importances = new Float64Array(featureCount);
  const error = (node: number) => weightedCount[node]! * impurity[node]!;
  feature.forEach((column, node) => {
    if (column >= 0) {
      importances[column]! += error(node) - error(left[node]!) - error(right[node]!);
    }
  });
  const total = importances.reduce((sum, importance) => sum + importance, 0);
  return total > 0 ? importances.map((importance) => importance / total) : importances;
}

/** A tree under construction: arrays that grow, filled in preorder. */
export class TreeBuilder {
  #size = 0;
  /** The last added node at each depth. */
  readonly #path: number[] = [];
  #feature: Int32Array;
  #threshold: Float64Array;
  #left: Int32Array;
  #right: Int32Array;
  #value: Float64Array;
  #impurity: Float64Array;
  #count: Int32Array;
  #weightedCount: Float64Array;
  #depth: Int32Array;

  /** @param capacity - Nodes to allocate in advance. A larger tree doubles it. */
  constructor(capacity = 64) {
    this.#feature = new Int32Array(capacity);
    this.#threshold = new Float64Array(capacity);
    this.#left = new Int32Array(capacity);
    this.#right = new Int32Array(capacity);
    this.#value = new Float64Array(capacity);
    this.#impurity = new Float64Array(capacity);
    this.#count = new Int32Array(capacity);
    this.#weightedCount = new Float64Array(capacity);
    this.#depth = new Int32Array(capacity);
  }

  /**
   * Add a leaf below the last node of the level above: as its left child if it has none, else as its right child.
   *
   * @returns The node's number.
   */
  addLeaf(depth: number, count: number, weightedCount: number, value: number, impurity: number): number {
    if (this.#size === this.#feature.length) {
      this.#double();
    }
    const node = this.#size++;
    this.#feature[node] = -1;
    this.#left[node] = -1;
    this.#right[node] = -1;
    this.#value[node] = value;
    this.#impurity[node] = impurity;
    this.#count[node] = count;
    this.#weightedCount[node] = weightedCount;
    this.#depth[node] = depth;
    this.#path[depth] = node;
    if (depth > 0) {
      const parent = this.#path[depth - 1]!;
      const side = this.#left[parent] === -1 ? this.#left : this.#right;
      side[parent] = node;
    }
    return node;
  }

  /** Turn the last leaf of a depth into an inner node. `addLeaf` then adds its children. */
  split(depth: number, feature: number, threshold: number): void {
    const node = this.#path[depth]!;
    this.#feature[node] = feature;
    this.#threshold[node] = threshold;
  }

  build(featureCount: number): Tree {
    return {
      featureCount,
      feature: this.#feature.slice(0, this.#size),
      threshold: this.#threshold.slice(0, this.#size),
      left: this.#left.slice(0, this.#size),
      right: this.#right.slice(0, this.#size),
      value: this.#value.slice(0, this.#size),
      impurity: this.#impurity.slice(0, this.#size),
      count: this.#count.slice(0, this.#size),
      weightedCount: this.#weightedCount.slice(0, this.#size),
      depth: this.#depth.slice(0, this.#size),
    };
  }

  #double(): void {
    const capacity = Math.max(1, 2 * this.#size);
    this.#feature = resized(this.#feature, new Int32Array(capacity));
    this.#threshold = resized(this.#threshold, new Float64Array(capacity));
    this.#left = resized(this.#left, new Int32Array(capacity));
    this.#right = resized(this.#right, new Int32Array(capacity));
    this.#value = resized(this.#value, new Float64Array(capacity));
    this.#impurity = resized(this.#impurity, new Float64Array(capacity));
    this.#count = resized(this.#count, new Int32Array(capacity));
    this.#weightedCount = resized(this.#weightedCount, new Float64Array(capacity));
    this.#depth = resized(this.#depth, new Int32Array(capacity));
  }
}

function resized<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
