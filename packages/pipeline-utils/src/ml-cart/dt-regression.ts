import { DecisionTreeRegression } from "ml-cart";

import type { Feature } from "../aws/models/feature.js";
import { isJsonObject, parseJson } from "../aws/models/json-value.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { ModelIntegrityError } from "../errors.js";
import { copyTree } from "./copy-tree.js";

/** What is used of ml-cart's regression tree, which has no types of its own. */
export interface MlCartTree {
  /** Rows of values in column order: `[[a, b]]` is one row, `[a, b]` would be two rows of one column. */
  predict(rows: number[][]): number[];
  readonly root: {
    /** The prediction for one row of values in column order. */
    classify(row: ArrayLike<number>): number;
  };
  toJSON(): unknown;
}

/** The settings a tree was grown with: kept for the reader's sake, never used after loading. */
const OPTION_NAMES = ["gainFunction", "splitFunction", "minNumSamples", "maxDepth", "kind"] as const;

/**
 * ml-cart's `DecisionTreeRegression`, stored as its own JSON: `{name: "DTRegression", options, root}`.
 *
 * `toJSON` writes every field that ml-cart needs and no other. `fromJSON` checks the whole tree before ml-cart sees it:
 * numbers finite, columns within the signature, at most 1,000 levels and 2,000,000 nodes, no inherited fields.
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

/** The least 32-bit float that is not below a number: the first value that a tree sends to the right of a threshold. */
function leastFloat32From(value: number): number {
  const single = Float32Array.of(value);
  const [nearest = value] = single;
  if (nearest >= value) {
    return nearest;
  }
  // Of floats of one sign, the order of their bits is the order of their magnitudes.
  const bits = new Int32Array(single.buffer);
  bits[0] = (bits[0] ?? 0) + (nearest < 0 ? -1 : 1);
  return single[0] ?? value;
}

function copyOptions(options: unknown): Record<string, string | number> {
  const given = Object.entries(typeof options === "object" && options !== null ? options : {});
  const copy: Record<string, string | number> = {};
  for (const name of OPTION_NAMES) {
    const value: unknown = given.find(([key]) => key === name)?.[1];
    // An unlimited maxDepth is Infinity, which JSON cannot hold: its absence says the same.
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value))) {
      copy[name] = value;
    }
  }
  return copy;
}
