import type { Column } from "./column.js";

/** What a grid search asks of an estimator; `Self` is its class. */
export interface Regressor<Self> {
  /** All parameters, defaults included. */
  readonly params: object;
  /** An unfitted estimator with some parameters changed. Throws where a name or value is not allowed. */
  withParams(params: object): Self;
  /** Learn from feature columns, shape (features, rows), and one label per row. */
  fit(columns: readonly Column[], y: Column): Self;
  /** One prediction per row. */
  predict(columns: readonly Column[]): Float64Array;
}
