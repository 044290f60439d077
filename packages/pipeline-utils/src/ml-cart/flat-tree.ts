import { isFloat64Array, isInt32Array } from "node:util/types";

import { isJsonObject } from "../aws/models/json-value.js";
import type { CompiledModel } from "../aws/models/model-class.js";
import { treeFields } from "./copy-tree.js";
import type { MlCartTree, PlainNode, TreeFields } from "./copy-tree.js";

/** The arrays of a tree: one value a node, in the order of a walk that goes left first. */
export interface NodeArrays {
  /** Column of the split; -1 for a leaf. */
  readonly columns: Int32Array;
  readonly thresholds: Float64Array;
  /** Number of the child for values from the threshold on. The child for values below it follows its parent. */
  readonly right: Int32Array;
  /** Prediction of a leaf. */
  readonly distributions: Float64Array;
  /** NaN for none. */
  readonly gains: Float64Array;
  /** Training rows; 0 for an unknown number. */
  readonly samples: Float64Array;
  /** Sum of their weights; 0 in a tree without weights. */
  readonly weights: Float64Array;
}

/**
 * A regression tree in arrays in place of objects.
 *
 * A thread hands it over without a copy. It predicts in less than half the time, because its nodes stand beside each
 * other in memory.
 */
export class FlatTree implements MlCartTree {
  readonly nodes: NodeArrays;
  readonly #options: TreeFields["options"];
  readonly root: MlCartTree["root"];

  private constructor(nodes: NodeArrays, options: TreeFields["options"]) {
    this.nodes = nodes;
    this.#options = options;
    this.root = { classify: (row) => this.#classify(row) };
  }

  /** @throws {RangeError} A node is invalid, or the tree is too large or too deep. */
  static from(tree: MlCartTree): FlatTree {
    if (tree instanceof FlatTree) {
      return tree;
    }
    const { root, options } = treeFields(tree);
    const nodes = allocate(countNodes(root));
    const todo = [{ node: root, parent: -1 }];
    let id = 0;
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const { node, parent } = next;
      if (parent >= 0) {
        nodes.right[parent] = id;
      }
      nodes.columns[id] = node.splitColumn ?? -1;
      nodes.thresholds[id] = node.splitValue ?? NaN;
      nodes.distributions[id] = node.distribution ?? NaN;
      nodes.gains[id] = node.gain ?? NaN;
      nodes.samples[id] = node.samples ?? 0;
      nodes.weights[id] = node.weightedSamples ?? 0;
      if (node.left !== undefined && node.right !== undefined) {
        todo.push({ node: node.right, parent: id }, { node: node.left, parent: -1 });
      }
      id += 1;
    }
    return new FlatTree(nodes, options);
  }

  /** @param compiled - From `compile`, of this thread or another. */
  static restore(compiled: CompiledModel): FlatTree {
    const { columns, thresholds, right, distributions, gains, samples, weights } = compiled;
    const { options = {} } = compiled;
    if (
      !isInt32Array(columns) ||
      !isFloat64Array(thresholds) ||
      !isInt32Array(right) ||
      !isFloat64Array(distributions) ||
      !isFloat64Array(gains) ||
      !isFloat64Array(samples) ||
      !isFloat64Array(weights) ||
      !isOptions(options)
    ) {
      throw new TypeError("the compiled form is not that of a tree");
    }
    return new FlatTree({ columns, thresholds, right, distributions, gains, samples, weights }, options);
  }

  compile(): CompiledModel {
    return { ...this.nodes, options: this.#options };
  }

  /** Predict a row, whose values are compared as 32-bit floats. */
  predictSingles(row: readonly number[]): number {
    const { columns, thresholds, right, distributions } = this.nodes;
    let id = 0;
    for (let column = columns[0] ?? -1; column >= 0; column = columns[id] ?? -1) {
      id = Math.fround(row[column] ?? NaN) < (thresholds[id] ?? NaN) ? id + 1 : (right[id] ?? 0);
    }
    return distributions[id] ?? NaN;
  }

  predict(rows: number[][]): number[] {
    return rows.map((row) => this.#classify(row));
  }

  /** The thresholds of one column, ascending. */
  thresholdsOf(column: number): number[] {
    const { columns, thresholds } = this.nodes;
    return [...thresholds.filter((_threshold, id) => columns[id] === column).sort()];
  }

  /** Fields are in the order of the canonical form. */
  toJSON(): { name: "DTRegression"; options: object; root: PlainNode } {
    const { columns, thresholds, right, distributions, gains, samples, weights } = this.nodes;
    const nodes = Array.from(columns, (): PlainNode => ({}));
    nodes.forEach((node, id) => {
      const splitColumn = columns[id] ?? -1;
      const isLeaf = splitColumn < 0;
      if (isLeaf) {
        node.distribution = distributions[id] ?? NaN;
      }
      const gain = gains[id] ?? NaN;
      if (!Number.isNaN(gain)) {
        node.gain = gain;
      }
      if (!isLeaf) {
        node.left = nodes[id + 1] ?? {};
        node.right = nodes[right[id] ?? 0] ?? {};
      }
      if (samples[id]) {
        node.samples = samples[id];
      }
      if (!isLeaf) {
        node.splitColumn = splitColumn;
        node.splitValue = thresholds[id] ?? NaN;
      }
      if (weights[id]) {
        node.weightedSamples = weights[id];
      }
    });
    return { name: "DTRegression", options: { ...this.#options }, root: nodes[0] ?? {} };
  }

  #classify(row: ArrayLike<number>): number {
    const { columns, thresholds, right, distributions } = this.nodes;
    let id = 0;
    for (let column = columns[0] ?? -1; column >= 0; column = columns[id] ?? -1) {
      id = (row[column] ?? NaN) < (thresholds[id] ?? NaN) ? id + 1 : (right[id] ?? 0);
    }
    return distributions[id] ?? NaN;
  }
}

function countNodes(root: PlainNode): number {
  const todo = [root];
  let count = 0;
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    count += 1;
    if (node.left !== undefined && node.right !== undefined) {
      todo.push(node.left, node.right);
    }
  }
  return count;
}

function allocate(length: number): NodeArrays {
  return {
    columns: new Int32Array(length),
    thresholds: new Float64Array(length),
    right: new Int32Array(length),
    distributions: new Float64Array(length),
    gains: new Float64Array(length),
    samples: new Float64Array(length),
    weights: new Float64Array(length),
  };
}

function isOptions(value: CompiledModel[string]): value is Readonly<Record<string, string | number>> {
  return (
    !ArrayBuffer.isView(value) &&
    isJsonObject(value) &&
    Object.values(value).every((option) => typeof option === "string" || typeof option === "number")
  );
}
