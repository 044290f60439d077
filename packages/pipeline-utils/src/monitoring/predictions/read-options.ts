import type { S3CallOptions } from "../../aws/artefacts/options.js";

/** Which predictions to read. */
export interface ReadPredictionsOptions extends S3CallOptions {
  /** The first moment of the interval. */
  readonly from: Date;
  /** The first moment after the interval. Rows at exactly this time are not in it, unlike in a slice of pandas. */
  readonly to: Date;
}
