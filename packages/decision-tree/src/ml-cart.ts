import loadMlCart from "./load-ml-cart.cjs";
import type { MlCartNode, MlCartTree } from "./ml-cart-types.js";
import { TreeBuilder, treeDepth } from "./tree.js";
import type { Tree } from "./tree.js";
import { resolveSizes } from "./tree-params.js";
import type { TreeParams } from "./tree-params.js";

/** ml-cart loads, prints and walks trees by recursion. Deeper trees overflow its stack; the limit is not documented. */
const MAX_LEVELS = 1000;

/**
 * Convert a tree to a model of ml-cart.
 *
 * ml-cart sends `value < splitValue` left, but scikit-learn sends `value <= threshold`. The split value is therefore
 * the next double above the threshold. Values must be rounded to 32-bit floats (`Math.fround`) before ml-cart sees
 * them, as they were in training.
 *
 * @throws {RangeError} The tree is deeper than 1,000 levels, which may overflow the stack of ml-cart's recursion.
 */
export function toMlCart(tree: Tree, params: TreeParams): MlCartTree {
  const depth = treeDepth(tree);
  if (depth > MAX_LEVELS) {
    throw new RangeError(
      `the tree has ${depth} levels, more than the ${MAX_LEVELS} that ml-cart's recursion takes`,
    );
  }
  const nodes = Array.from(tree.value, (distribution, id): MlCartNode => {
    const feature = tree.feature[id]!;
    if (feature < 0) {
      return { distribution };
    }
    return { splitColumn: feature, splitValue: nextUp(tree.threshold[id]!), gain: childError(tree, id) };
  });
  nodes.forEach((node, id) => {
    if (tree.feature[id]! < 0) {
      return;
    }
    node.left = nodes[tree.left[id]!]!;
    node.right = nodes[tree.right[id]!]!;
  });
  const model = loadMlCart().DecisionTreeRegression.load({
    name: "DTRegression",
    options: {
      kind: "regression",
      gainFunction: "regression",
      splitFunction: "mean",
      minNumSamples: resolveSizes(params, tree.count[0]!).minSamplesSplit,
      // JSON has no Infinity. Without a limit, write the tree's own depth.
      maxDepth: params.maxDepth ?? depth,
    },
    root: nodes[0]!,
  });
  setSamples(model.toJSON().root, tree);
  return model;
}

/** Set the counts of each node. ml-cart's `load` copies only the fields that it knows. */
function setSamples(root: MlCartNode, { left, right, count, weightedCount }: Tree): void {
  const isKnown = count[0]! > 0;
  const isWeighted = weightedCount.some((weight, id) => weight !== count[id]);
  const pending = isKnown ? [{ node: root, id: 0 }] : [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, id } = next;
    node.samples = count[id]!;
    if (isWeighted) {
      node.weightedSamples = weightedCount[id]!;
    }
    if (node.left !== undefined && node.right !== undefined) {
      pending.push({ node: node.left, id: left[id]! }, { node: node.right, id: right[id]! });
    }
  }
}

/** The total error of a split's two sides, which ml-cart calls its gain. */
function childError(tree: Tree, id: number): number {
  const left = tree.left[id]!;
  const right = tree.right[id]!;
  const { weightedCount, impurity } = tree;
  return weightedCount[left]! * impurity[left]! + weightedCount[right]! * impurity[right]!;
}

/**
 * Convert a tree of ml-cart to flat arrays.
 *
 * ml-cart keeps neither impurities nor the values of inner nodes, which are NaN in the result. Counts are 0 if the nodes
 * have no `samples`.
 *
 * @param model - From `toMlCart`, or loaded from its JSON. A tree that ml-cart trained itself compares 64-bit values.
 *   Its predictions may differ if a value and a split round to the same 32-bit float.
 * @param featureCount - Number of columns; ml-cart does not keep it.
 * @throws {TypeError} A node is neither a leaf nor complete.
 * @throws {RangeError} A node splits by a column that does not exist.
 */
export function fromMlCart(model: MlCartTree, featureCount: number): Tree {
  const builder = new TreeBuilder();
  const pending: { node: MlCartNode | undefined; depth: number }[] = [
    { node: model.toJSON().root, depth: 0 },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node = {}, depth } = next;
    const {
      samples = 0,
      weightedSamples = samples,
      distribution,
      splitColumn,
      splitValue,
      left,
      right,
    } = node;
    const id = builder.addLeaf(depth, samples, weightedSamples, distribution ?? Number.NaN, Number.NaN);
    if (left === undefined && right === undefined && isFiniteNumber(distribution)) {
      continue;
    }
    if (
      left === undefined ||
      right === undefined ||
      splitColumn === undefined ||
      !isFiniteNumber(splitValue)
    ) {
      throw new TypeError(`node ${id} of the ml-cart tree is neither a leaf nor a split with two sides`);
    }
    if (!Number.isInteger(splitColumn) || splitColumn < 0 || splitColumn >= featureCount) {
      throw new RangeError(
        `node ${id} of the ml-cart tree splits by column ${splitColumn}, of ${featureCount} columns`,
      );
    }
    builder.split(depth, splitColumn, nextDown(splitValue));
    pending.push({ node: right, depth: depth + 1 }, { node: left, depth: depth + 1 });
  }
  return builder.build(featureCount);
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

const SCRATCH_DOUBLE = new Float64Array(1);
const SCRATCH_BITS = new BigInt64Array(SCRATCH_DOUBLE.buffer);

/** The smallest double above a finite number. */
function nextUp(value: number): number {
  if (value === 0) {
    return Number.MIN_VALUE;
  }
  SCRATCH_DOUBLE[0] = value;
  SCRATCH_BITS[0]! += value > 0 ? 1n : -1n;
  return SCRATCH_DOUBLE[0];
}

/** The largest double below a finite number. */
function nextDown(value: number): number {
  return -nextUp(-value);
}
