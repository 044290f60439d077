import type { Feature } from "./feature.js";
import type { JsonValue } from "./json-value.js";

/** How models of one type become JSON and come back. Data scientists add their own for other types. */
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
}
