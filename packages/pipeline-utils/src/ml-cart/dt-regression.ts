import { DecisionTreeRegression } from "ml-cart";

import type { Feature } from "../aws/models/feature.js";
import { isJsonObject } from "../aws/models/json-value.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { ModelIntegrityError } from "../errors.js";
import { copyOptions, copyTree, treeFields } from "./copy-tree.js";
import type { MlCartTree, PlainNode } from "./copy-tree.js";
import { explainTree } from "./explain-tree.js";
import { FlatTree } from "./flat-tree.js";

/**
 * Model class for ml-cart's `DecisionTreeRegression`, stored as its own JSON: `{name: "DTRegression", options, root}`.
 *
 * `toJSON` writes exactly the fields that ml-cart needs, and the counts of nodes (`samples`, `weightedSamples`) if the
 * tree has them. `fromJSON` checks the whole tree before ml-cart reads it: finite numbers, columns within the features,
 * counts that add up, at most 1,000 levels and 2,000,000 nodes, no inherited fields.
 */
export const dtRegression: ModelClass<MlCartTree> = {
  modelType: "DTRegression",

  toJSON(tree) {
    const { options, root } = treeFields(tree);
    return { name: "DTRegression", options, root };
  },

  fromJSON(json, features?: readonly Feature[]) {
    if (!isJsonObject(json) || json.name !== "DTRegression") {
      throw new ModelIntegrityError('the model is not a "DTRegression" of ml-cart');
    }
    const root = copyTree(json.root, features?.length);
    const options = copyOptions(json.options);
    const tree = DecisionTreeRegression.load({ name: "DTRegression", options, root });
    setSamples(tree.root, root);
    return tree;
  },

  // A tree compares 32-bit floats, as scikit-learn's trees do.
  predict: (tree, row) =>
    tree instanceof FlatTree ? tree.predictSingles(row) : tree.root.classify(row.map(Math.fround)),

  breakpoints: (tree, column) =>
    FlatTree.from(tree)
      .thresholdsOf(column)
      .map(leastFloat32From)
      .filter((value, index, all) => Number.isFinite(value) && value !== all[index - 1]),

  explain: explainTree,

  compile: (tree) => FlatTree.from(tree).compile(),

  restore: (compiled) => FlatTree.restore(compiled),

  // Bundles have both modules in one folder.
  thread: new URL("./dt-regression-thread.js", import.meta.url),
};

/** Set the counts of each node. ml-cart's `load` copies only the fields that it knows. */
function setSamples(root: DecisionTreeRegression["root"], counted: PlainNode): void {
  const todo = counted.samples === undefined ? [] : [{ node: root, from: counted }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, from } = next;
    Object.assign(node, {
      samples: from.samples,
      ...(from.weightedSamples !== undefined && { weightedSamples: from.weightedSamples }),
    });
    if (node.left && node.right && from.left && from.right) {
      todo.push({ node: node.left, from: from.left }, { node: node.right, from: from.right });
    }
  }
}

/**
 * The least 32-bit float not below `value`. It is the smallest input that a tree sends to the right of that threshold.
 */
function leastFloat32From(value: number): number {
  const single = Float32Array.of(value);
  const [nearest = value] = single;
  if (nearest >= value) {
    return nearest;
  }
  // For floats of the same sign, larger magnitudes have larger bit patterns.
  const bits = new Int32Array(single.buffer);
  bits[0] = (bits[0] ?? 0) + (nearest < 0 ? -1 : 1);
  return single[0] ?? value;
}
