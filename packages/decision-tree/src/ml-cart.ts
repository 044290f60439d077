import { createRequire } from "node:module";
import type { MlCartNode, MlCartTree } from "./ml-cart-tree.js";
import { nextDown, nextUp } from "./next-up.js";
import type { TreeParams } from "./tree-params.js";
import { TreeBuilder } from "./tree-builder.js";
import { depthOf, type Tree } from "./tree.js";

/** ml-cart loads, prints and walks trees by recursion: deeper ones overflow its stack, where is not documented. */
const MOST_LEVELS = 1000;

/** ml-cart, with the matrix library that it loads, only when it is needed: a search does not need it. */
const load: (name: "ml-cart") => typeof import("ml-cart") = createRequire(import.meta.url);

/**
 * The same tree as a model of ml-cart.
 *
 * ml-cart sends `value < splitValue` left where scikit-learn sends `value <= threshold`, so the split value is the
 * next double above the threshold. Values must be rounded to 32-bit floats (`Math.fround`) before ml-cart sees
 * them, as they were in training.
 *
 * @throws {RangeError} A tree deeper than 1,000 levels, which ml-cart's recursion may not survive.
 */
export function toMlCart(tree: Tree, params: TreeParams): MlCartTree {
  const depth = depthOf(tree);
  if (depth > MOST_LEVELS) {
    throw new RangeError(
      `the tree has ${depth} levels, more than the ${MOST_LEVELS} that ml-cart's recursion takes`,
    );
  }
  const nodes = Array.from(tree.value, (distribution, id): MlCartNode => {
    const feature = tree.feature[id]!;
    if (feature < 0) return { distribution };
    return { splitColumn: feature, splitValue: nextUp(tree.threshold[id]!), gain: childError(tree, id) };
  });
  nodes.forEach((node, id) => {
    if (tree.feature[id]! < 0) return;
    node.left = nodes[tree.left[id]!]!;
    node.right = nodes[tree.right[id]!]!;
  });
  return load("ml-cart").DecisionTreeRegression.load({
    name: "DTRegression",
    options: {
      kind: "regression",
      gainFunction: "regression",
      splitFunction: "mean",
      minNumSamples: params.minSamplesSplit,
      // JSON has no Infinity: without a limit, the depth that the tree has.
      maxDepth: params.maxDepth ?? depth,
    },
    root: nodes[0]!,
  });
}

/** What ml-cart calls a split's gain: the total error of its two sides. */
function childError(tree: Tree, id: number): number {
  const left = tree.left[id]!;
  const right = tree.right[id]!;
  return tree.count[left]! * tree.impurity[left]! + tree.count[right]! * tree.impurity[right]!;
}

/**
 * A tree of ml-cart's in flat arrays.
 *
 * ml-cart keeps neither counts nor impurities, nor the values of inner nodes: counts are 0, the others NaN.
 *
 * @param model - From `toMlCart`, or loaded from its JSON. A tree that ml-cart trained itself compares 64-bit values,
 *   and may answer otherwise where a value and a split differ by less than 32-bit floats can tell.
 * @param featureCount - Number of columns; ml-cart does not keep it.
 * @throws {TypeError} A node that is neither a leaf nor complete.
 * @throws {RangeError} A split by a column that is not there.
 */
export function fromMlCart(model: MlCartTree, featureCount: number): Tree {
  const builder = new TreeBuilder();
  const pending: { node: MlCartNode | undefined; depth: number }[] = [
    { node: model.toJSON().root, depth: 0 },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node = {}, depth } = next;
    const { distribution, splitColumn, splitValue, left, right } = node;
    const id = builder.addLeaf(depth, 0, distribution ?? Number.NaN, Number.NaN);
    if (left === undefined && right === undefined && isFiniteNumber(distribution)) continue;
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
