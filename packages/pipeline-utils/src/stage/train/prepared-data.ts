import type { Feature } from "../../aws/models/feature.js";

/** Rows of a dataset, as numbers. */
export interface Sample {
  /** One column per feature, in the order of the features: a category as its index, a boolean as 0 or 1. */
  readonly columns: readonly Float64Array[];
  /** One value per row; for a category target, the index of the class. */
  readonly target: Float64Array;
}

/** A delivery that is ready to train on. */
export interface PreparedData {
  /** The rows to train on. */
  readonly train: Sample;
  /** The held-out rows, for metrics and checks. */
  readonly test: Sample;
  /** The model's inputs, in column order. */
  readonly features: readonly Feature[];
}
