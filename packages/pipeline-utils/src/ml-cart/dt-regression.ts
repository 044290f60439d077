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
};

function copyOptions(options: unknown): Record<string, string | number> {
  const given = Object.entries(typeof options === "object" && options !== null ? options : {});
  const copy: Record<string, string | number> = {};
  for (const name of OPTION_NAMES) {
    const value: unknown = given.find(([key]) => key === name)?.[1];
    // An unlimited maxDepth is Infinity, which JSON cannot hold: its absence says the same.
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value)))
      copy[name] = value;
  }
  return copy;
}
