import type { MlCartTree } from "./copy-tree.js";
import { FlatTree } from "./flat-tree.js";
import type { NodeArrays } from "./flat-tree.js";

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

/** A tree in memory is counted once. Keys are roots, because training the tree again replaces its root. */
const COUNTED = new WeakMap<object, CountedTree>();

/** Count a tree; undefined if its nodes have no `samples`. */
export function countedTree(tree: MlCartTree): CountedTree | undefined {
  const known = COUNTED.get(tree.root);
  if (known !== undefined) {
    return known;
  }
  const { nodes } = FlatTree.from(tree);
  if (nodes.samples[0] === 0) {
    return undefined;
  }
  const counted = count(nodes);
  COUNTED.set(tree.root, counted);
  return counted;
}

function count(nodes: NodeArrays): CountedTree {
  const { columns: column, right, samples } = nodes;
  const weight = nodes.weights[0] === 0 ? samples : nodes.weights;
  const mean = nodes.distributions.slice();
  // Children stand behind their parent.
  for (let node = column.length - 1; node >= 0; node -= 1) {
    if (column[node]! >= 0) {
      const [left, other] = [node + 1, right[node]!];
      const share = weight[left]! / (weight[left]! + weight[other]!);
      mean[node] = mean[left]! * share + mean[other]! * (1 - share);
    }
  }
  return {
    columns: column.reduce((most, each) => Math.max(most, each + 1), 0),
    column,
    threshold: nodes.thresholds.map(doubleBelow),
    right,
    samples,
    weight,
    mean,
    ...measurePaths(nodes),
  };
}

/** The depth of a tree, and the greatest number of different columns on one path. */
function measurePaths({ columns, right }: NodeArrays): Pick<CountedTree, "depth" | "maxPathColumns"> {
  /** How often the path to the current node splits by each column, and how many columns it splits by. */
  const splitsBy = new Map<number, number>();
  let pathColumns = 0;
  let maxPathColumns = 0;
  let depth = 0;
  // Trees have at most 1,000 levels, so that recursion cannot overflow the stack.
  const visit = (node: number, level: number): void => {
    depth = Math.max(depth, level);
    const column = columns[node] ?? -1;
    if (column < 0) {
      return;
    }
    const splits = splitsBy.get(column) ?? 0;
    splitsBy.set(column, splits + 1);
    pathColumns += splits === 0 ? 1 : 0;
    maxPathColumns = Math.max(maxPathColumns, pathColumns);
    visit(node + 1, level + 1);
    visit(right[node] ?? 0, level + 1);
    splitsBy.set(column, splits);
    pathColumns -= splits === 0 ? 1 : 0;
  };
  visit(0, 0);
  return { depth, maxPathColumns };
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
