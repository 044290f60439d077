import { isFloat64Array, isInt32Array } from "node:util/types";

import type { CompiledModel } from "../aws/models/model-class.js";
import { copyNodes } from "./copy-tree.js";
import type { MlCartTree, PlainNode } from "./copy-tree.js";

/**
 * A tree with counts in flat arrays, one element per node. Nodes are numbered in preorder: node 0 is the root, and a
 * node's left child is the next node.
 */
export interface CountedTree {
  /** Columns that a row must have. */
  readonly columns: number;
  /** Column that the node splits by; -1 in a leaf. */
  readonly column: Int32Array;
  /** Values of at most this go left. */
  readonly threshold: Float64Array;
  /** Number of the right child; 0 in a leaf. */
  readonly right: Int32Array;
  /** Training rows in the node. */
  readonly samples: Float64Array;
  /** Sum of their sample weights; `samples` without weights. */
  readonly weight: Float64Array;
  /** Mean prediction for them; in a leaf, its prediction. */
  readonly mean: Float64Array;
  /** Edges from the root to the deepest leaf. */
  readonly depth: number;
  /** The greatest number of different columns on one path. */
  readonly maxPathColumns: number;
}

/** A tree in memory is flattened once. Keys are roots, because training the tree again replaces its root. */
const FLATTENED = new WeakMap<object, CountedTree>();

/** The tree as flat arrays; undefined if its nodes have no `samples`. */
export function countedTree(tree: MlCartTree): CountedTree | undefined {
  const known = FLATTENED.get(tree.root);
  if (known !== undefined) {
    return known;
  }
  const root = copyNodes(tree);
  if (root.samples === undefined) {
    return undefined;
  }
  const flat = flatten(root);
  FLATTENED.set(tree.root, flat);
  return flat;
}

/** The arrays that explanations need beside those of a compiled tree. Empty if the nodes have no `samples`. */
export function compileCounts(tree: MlCartTree): CompiledModel {
  const counted = countedTree(tree);
  if (counted === undefined) {
    return {};
  }
  const { threshold, weight, mean, columns, depth, maxPathColumns } = counted;
  return { counted: [columns, depth, maxPathColumns], below: threshold, shares: weight, means: mean };
}

/** Remember the counts of a tree that was restored. A large tree would take a second to count at its first question. */
export function restoreCounts(tree: MlCartTree, compiled: CompiledModel): void {
  const { counted, below, shares, means, columns: column, right, samples } = compiled;
  if (
    isFloat64Array(below) &&
    isFloat64Array(shares) &&
    isFloat64Array(means) &&
    isInt32Array(column) &&
    isInt32Array(right) &&
    isFloat64Array(samples) &&
    Array.isArray(counted)
  ) {
    const [columns = 0, depth = 0, maxPathColumns = 0] = counted.map(Number);
    const arrays = { column, threshold: below, right, samples, weight: shares, mean: means };
    FLATTENED.set(tree.root, { columns, depth, maxPathColumns, ...arrays });
  }
}

function flatten(root: PlainNode): CountedTree {
  const nodes: PlainNode[] = [];
  const right: number[] = [];
  const mean: number[] = [];
  /** How often the path to the current node splits by each column, and how many columns it splits by. */
  const splitsBy = new Map<number, number>();
  let pathColumns = 0;
  let maxPathColumns = 0;
  let depth = 0;
  // copyTree limits the depth, so that recursion cannot overflow the stack.
  const add = (node: PlainNode, level: number): number => {
    const id = nodes.push(node) - 1;
    mean.push(node.distribution ?? 0);
    right.push(0);
    depth = Math.max(depth, level);
    const { splitColumn, left: leftNode, right: rightNode } = node;
    if (splitColumn === undefined || leftNode === undefined || rightNode === undefined) {
      return id;
    }
    const splits = splitsBy.get(splitColumn) ?? 0;
    splitsBy.set(splitColumn, splits + 1);
    pathColumns += splits === 0 ? 1 : 0;
    maxPathColumns = Math.max(maxPathColumns, pathColumns);
    const children = [add(leftNode, level + 1), add(rightNode, level + 1)] as const;
    splitsBy.set(splitColumn, splits);
    pathColumns -= splits === 0 ? 1 : 0;
    right[id] = children[1];
    const share = weightOf(leftNode) / (weightOf(leftNode) + weightOf(rightNode));
    mean[id] = mean[children[0]]! * share + mean[children[1]]! * (1 - share);
    return id;
  };
  add(root, 0);
  const column = Int32Array.from(nodes, ({ splitColumn = -1 }) => splitColumn);
  return {
    columns: column.reduce((most, each) => Math.max(most, each + 1), 0),
    column,
    threshold: Float64Array.from(nodes, ({ splitValue = 0 }) => doubleBelow(splitValue)),
    right: Int32Array.from(right),
    samples: Float64Array.from(nodes, ({ samples = 0 }) => samples),
    weight: Float64Array.from(nodes, weightOf),
    mean: Float64Array.from(mean),
    depth,
    maxPathColumns,
  };
}

/** Positive in every node: the copy of the tree was checked. */
function weightOf({ samples = 0, weightedSamples = samples }: PlainNode): number {
  return weightedSamples;
}

const SCRATCH = new DataView(new ArrayBuffer(8));

/** The largest double below a finite number. ml-cart sends `value < splitValue` left, which is `value <= threshold`. */
function doubleBelow(value: number): number {
  if (value === 0) {
    return -Number.MIN_VALUE;
  }
  SCRATCH.setFloat64(0, value);
  SCRATCH.setBigInt64(0, SCRATCH.getBigInt64(0) - (value > 0 ? 1n : -1n));
  return SCRATCH.getFloat64(0);
}
