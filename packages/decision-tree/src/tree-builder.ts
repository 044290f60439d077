import type { Tree } from "./tree.js";

/** A tree under construction: arrays that grow, filled in preorder. */
export class TreeBuilder {
  #size = 0;
  /** At each depth, the node that was added last. */
  readonly #path: number[] = [];
  #feature: Int32Array;
  #threshold: Float64Array;
  #left: Int32Array;
  #right: Int32Array;
  #value: Float64Array;
  #impurity: Float64Array;
  #count: Int32Array;
  #depth: Int32Array;

  /** @param capacity - Nodes to make room for; more than that double it. */
  constructor(capacity = 64) {
    this.#feature = new Int32Array(capacity);
    this.#threshold = new Float64Array(capacity);
    this.#left = new Int32Array(capacity);
    this.#right = new Int32Array(capacity);
    this.#value = new Float64Array(capacity);
    this.#impurity = new Float64Array(capacity);
    this.#count = new Int32Array(capacity);
    this.#depth = new Int32Array(capacity);
  }

  /**
   * Add a leaf below the last node that is less deep by one: its left child if it has none, else its right child.
   *
   * @returns The node's number.
   */
  addLeaf(depth: number, count: number, value: number, impurity: number): number {
    if (this.#size === this.#feature.length) this.#double();
    const node = this.#size++;
    this.#feature[node] = -1;
    this.#left[node] = -1;
    this.#right[node] = -1;
    this.#value[node] = value;
    this.#impurity[node] = impurity;
    this.#count[node] = count;
    this.#depth[node] = depth;
    this.#path[depth] = node;
    if (depth > 0) {
      const parent = this.#path[depth - 1]!;
      const side = this.#left[parent] === -1 ? this.#left : this.#right;
      side[parent] = node;
    }
    return node;
  }

  /** Make the last leaf of a depth an inner node; its children follow by `addLeaf`. */
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
    this.#depth = resized(this.#depth, new Int32Array(capacity));
  }
}

function resized<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
