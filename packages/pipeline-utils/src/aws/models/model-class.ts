import type { Feature } from "./feature.js";
import type { JsonValue } from "./json-value.js";

/**
 * A model in a form that a thread can hand to another: only what `structuredClone` copies. The buffers of typed arrays
 * are handed over without a copy.
 */
export type CompiledModel = Readonly<Record<string, ArrayBufferView | JsonValue>>;

/** Why a model predicts a value for one row. */
export interface Explanation {
  readonly prediction: number;
  /** Mean of the model's predictions for its training rows. */
  readonly mean: number;
  /**
   * Shapley value of each feature, in column order: its share of the difference between `prediction` and `mean`. They
   * sum to that difference.
   */
  readonly contributions: readonly number[];
  /** The decisions of a tree, from the root to the leaf. Other models leave it out. */
  readonly path?: readonly PathStep[];
}

/** One decision of a tree. `samples` and `mean` are of the training rows that took the same decisions up to this one. */
export interface PathStep {
  /** Name of the feature; `column 1` if the name is unknown. */
  readonly feature: string;
  /** The row goes left if its value is at most this. For a category it lies between two indices. */
  readonly threshold: number;
  readonly side: "left" | "right";
  readonly samples: number;
  /** Mean prediction, weighted as in training. */
  readonly mean: number;
  /** The decision as text: `orders_placed 10 is at most 12.5`. */
  readonly words: string;
}

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
  /**
   * Explain the prediction for one row.
   *
   * @param row - As for `predict`.
   * @param features - The model's features, for the words of the path.
   * @throws {NotExplainableError} This model does not carry the necessary data. The message gives the reason.
   */
  explain?(model: M, row: readonly number[], features?: readonly Feature[]): Explanation;
}
