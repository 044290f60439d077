import type { Feature } from "./feature.js";
import type { JsonValue } from "./json-value.js";

/**
 * A model in a form that a thread can hand to another: only what `structuredClone` copies. The buffers of typed arrays
 * are handed over without a copy.
 */
export type CompiledModel = Readonly<Record<string, ArrayBufferView | JsonValue>>;

/** How to serialise, load and evaluate models of one type. Projects define their own for other types. */
export interface ModelClass<M> {
  /** Stored in the model's file. A loader accepts only the types of the classes that it was given. */
  readonly modelType: string;
  /** Plain JSON of the whole model, without NaN and infinities. */
  toJSON(model: M): JsonValue;
  /**
   * Make a model from untrusted JSON. Check all of it before use, and run nothing from it.
   *
   * @param features - The model's features, in column order, if known.
   * @throws ModelIntegrityError, or any other error. The loader reports it with the file's address.
   */
  fromJSON(json: JsonValue, features?: readonly Feature[]): M;
  /**
   * Predict one row. A model without `predict` can be stored and loaded, but not served.
   *
   * @param row - One number per feature, in the order of the model's features: a category as its index, a boolean as 0
   *   or 1.
   * @returns The number; for a category target, the index of the class.
   */
  predict?(model: M, row: readonly number[]): number;
  /**
   * The values of one number feature at which the prediction can change, ascending.
   *
   * For fixed other features, the prediction is constant from each breakpoint to just below the next. Without
   * `breakpoints`, curves of the model are drawn from samples.
   *
   * @param column - Index of the feature.
   */
  breakpoints?(model: M, column: number): number[];
  /**
   * Make the form of a model that a thread hands over. With `restore` and `thread`, a service loads large models beside
   * its requests. Without them it stops for as long as loading takes.
   */
  compile?(model: M): CompiledModel;
  /** Make a model of its compiled form, without work that grows with the model. It predicts the same. */
  restore?(compiled: CompiledModel): M;
  /** The module of a thread that calls `runModelThread` with this class. */
  readonly thread?: URL;
}
