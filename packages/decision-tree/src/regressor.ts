import type { Column } from "./column.js";

/** An estimator that a grid search can fit and score; `Self` is its class. */
export interface Regressor<Self> {
  /** All parameters, defaults included. */
  readonly params: object;
  /** An unfitted estimator with some parameters changed. Throws if a name or value is not allowed. */
  withParams(params: object): Self;
  /**
   * Learn from feature columns, shape (features, rows), and one label per row.
   *
   * @param sampleWeight - Weight of each row, if the caller gave any.
   */
  fit(columns: readonly Column[], y: Column, sampleWeight?: Column): Self;
  /** One prediction per row. */
  predict(columns: readonly Column[]): Float64Array;
}

/** The caller asked for a result before `fit`. */
export class NotFittedError extends Error {
  override readonly name = "NotFittedError";

  /** @param estimator - Name of its class. */
  constructor(estimator: string) {
    super(`This ${estimator} instance is not fitted yet: call fit first`);
  }
}
