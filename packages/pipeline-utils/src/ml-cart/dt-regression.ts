import { DecisionTreeRegression } from "ml-cart";

import type { Feature } from "../aws/models/feature.js";
import { isJsonObject, parseJson } from "../aws/models/json-value.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { ModelIntegrityError } from "../errors.js";
import { copyTree } from "./copy-tree.js";

/** The methods of ml-cart's regression tree that are used here. ml-cart has no types of its own. */
export interface MlCartTree {
  /** Predict rows, shape (rows, columns). `[[a, b]]` is one row, but `[a, b]` would be two rows of one column. */
  predict(rows: number[][]): number[];
  readonly root: {
    /** The prediction for one row of values in column order. */
    classify(row: ArrayLike<number>): number;
  };
  toJSON(): unknown;
}

/** Settings that the tree was grown with. They are stored for information, and not used after loading. */
const OPTION_NAMES = ["gainFunction", "splitFunction", "minNumSamples", "maxDepth", "kind"] as const;

/**
 * Model class for ml-cart's `DecisionTreeRegression`, stored as its own JSON: `{name: "DTRegression", options, root}`.
 *
 * `toJSON` writes exactly the fields that ml-cart needs. `fromJSON` checks the whole tree before ml-cart reads it:
 * finite numbers, columns within the features, at most 1,000 levels and 2,000,000 nodes, no inherited fields.
 */
export const dtRegression: ModelClass<MlCartTree> = {
  modelType: "DTRegression",

  toJSON(tree) {
    const json = tree.toJSON();
    const fields = typeof json === "object" && json !== null ? { ...json } : {};
    const options = "options" in fields ? copyOptions(fields.options) : {};
    const root = copyTree("root" in fields ? fields.root : undefined);
    return { name: "DTRegression", options, root: parseJson(JSON.stringify(root)) };
  },

  fromJSON(json, features?: readonly Feature[]) {
    if (!isJsonObject(json) || json.name !== "DTRegression") {
      throw new ModelIntegrityError('the model is not a "DTRegression" of ml-cart');
    }
    const root = copyTree(json.root, features?.length);
    return DecisionTreeRegression.load({ name: "DTRegression", options: copyOptions(json.options), root });
  },

  // A tree compares 32-bit floats, as scikit-learn's trees do.
  predict: (tree, row) => tree.root.classify(row.map(Math.fround)),

  breakpoints(tree, column) {
    const json = tree.toJSON();
    const thresholds = new Set<number>();
    const todo = [
      copyTree(typeof json === "object" && json !== null && "root" in json ? json.root : undefined),
    ];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      if (node.splitColumn === column && node.splitValue !== undefined) {
        thresholds.add(leastFloat32From(node.splitValue));
      }
      todo.push(...[node.left, node.right].filter((child) => child !== undefined));
    }
    return [...thresholds].filter(Number.isFinite).sort((a, b) => a - b);
  },
};

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

function copyOptions(options: unknown): Record<string, string | number> {
  const given = Object.entries(typeof options === "object" && options !== null ? options : {});
  const copy: Record<string, string | number> = {};
  for (const name of OPTION_NAMES) {
    const value: unknown = given.find(([key]) => key === name)?.[1];
    // An unlimited maxDepth is Infinity, which JSON cannot hold. Leaving it out means the same.
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value))) {
      copy[name] = value;
    }
  }
  return copy;
}
