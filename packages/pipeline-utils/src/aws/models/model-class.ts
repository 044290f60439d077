import type { Feature } from "./feature.js";
import type { JsonValue } from "./json-value.js";

/** How models of one type become JSON, come back, and predict. Data scientists add their own for other types. */
export interface ModelClass<M> {
  /** Kept in the file; a loader accepts only the types it was given. */
  readonly modelType: string;
  /** Plain JSON of the whole model: no NaN, no infinities. */
  toJSON(model: M): JsonValue;
  /**
   * Make a model of JSON that may come from anyone: check all of it before use, run nothing from it.
   *
   * @param features - The model's signature, in column order, where it is known.
   * @throws ModelIntegrityError, or any error, which is reported with the file's address.
   */
  fromJSON(json: JsonValue, features?: readonly Feature[]): M;
  /**
   * Predict one row. A class without `predict` is stored and loaded, and not served.
   *
   * @param row - One number a feature, in the order of the model's features: a category as its index, a boolean as 0 or 1.
   * @returns The number; for a category target, the index of the class.
   */
  predict?(model: M, row: readonly number[]): number;
  /**
   * The values of one number feature at which the prediction can change, ascending. The prediction is constant from one to just
   * before the next, whatever the other features are. A class without `breakpoints` is sampled to draw its curves.
   *
   * @param column - Index of the feature.
   */
  breakpoints?(model: M, column: number): number[];
}
