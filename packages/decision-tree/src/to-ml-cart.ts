import { DecisionTreeRegression } from "ml-cart";
import { nextUp } from "./next-up.js";
import type { TreeParams } from "./tree-params.js";
import type { Tree } from "./tree.js";

type MlCartNode = Parameters<typeof DecisionTreeRegression.load>[0]["root"];

/**
 * The same tree as a model of ml-cart.
 *
 * ml-cart sends `value < splitValue` left where scikit-learn sends `value <= threshold`, so the split value is the
 * next double above the threshold. Values must be rounded to 32-bit floats (`Math.fround`) before ml-cart sees
 * them, as they were in training.
 */
export function toMlCart(tree: Tree, params: TreeParams): DecisionTreeRegression {
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
  return DecisionTreeRegression.load({
    name: "DTRegression",
    options: {
      kind: "regression",
      gainFunction: "regression",
      splitFunction: "mean",
      minNumSamples: params.minSamplesSplit,
      // JSON has no Infinity: without a limit, the depth that the tree has.
      maxDepth: params.maxDepth ?? tree.depth.reduce((deepest, depth) => Math.max(deepest, depth), 0),
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
