import type { Table } from "apache-arrow";

import type { Feature, Target } from "../../aws/models/feature.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import type { ModelClass } from "../../aws/models/model-class.js";
import type { ExpectedSchema } from "../../formats/schema/expected-schema.js";
import type { Logger } from "../../logging/logger.js";
import type { Score } from "../../monitoring/metrics.js";
import type { Check } from "./checks.js";
import type { PreparedData, Sample } from "./prepared-data.js";

/** How far the training is. */
export interface TrainProgress {
  readonly completed: number;
  readonly total: number;
}

/** The input of `train`. */
export interface TrainContext {
  readonly train: Sample;
  readonly features: readonly Feature[];
  /** Aborted by signals and by the deadline. Training should end with the signal's reason. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Shows how far the training is: a bar on a terminal, a line every five seconds in a log. */
  readonly onProgress: (progress: TrainProgress) => void;
}

/** The result of `train`. */
export interface TrainedModel<M> {
  readonly model: M;
  /** Kept in the model's metadata, beside what the stage keeps itself. Default: nothing. */
  readonly details?: JsonObject;
}

/** One metric of the held-out rows. */
export interface MetricOptions {
  /** Which values are better. */
  readonly better: "greater" | "less";
  /** Whether this metric decides about the model. At most one does. Default: false. */
  readonly gate?: boolean;
  /** Default: the built-in function of the metric's name, for `r_squared`, `mean_absolute_error` and `accuracy`. */
  readonly score?: Score;
  /** The metric's name in the log. Default: `r-squared`, `MAE`, `accuracy`; for others the name with `-` for `_`. */
  readonly label?: string;
}

/** A training stage: what is particular to one model. */
export interface TrainStageOptions<M> {
  /** The model's name; begins its file's name, as `time-to-dispatch`. */
  readonly name: string;
  /** As users call it. Default: the model's name with `-train`. */
  readonly program?: string;
  /** Begins the names of the datasets, as `time_to_dispatch` those of `datasets/time_to_dispatch_2021-07-03T23:05:32.csv`. */
  readonly datasetName: string;
  /** Named in every line of the log: `train_model` gives `train_model.main`. */
  readonly logModule: string;
  /** Must have `predict`. */
  readonly modelClass: ModelClass<M>;
  /** The model's output. */
  readonly target: Target;
  /** The columns, as agreed with those who deliver the dataset. A column that it does not name is a bad delivery. */
  readonly schema: ExpectedSchema;
  /** By name, in the order of the log line. */
  readonly metrics: Readonly<Record<string, MetricOptions>>;
  /**
   * Make numbers of a delivery, and split it.
   *
   * @param table - Shape (rows, columns), read with `schema`; columns in any order, the index of pandas perhaps among them.
   * @throws {BadDeliveryError} All violations that the schema cannot express, without the dataset's address.
   */
  readonly prepare: (table: Table) => PreparedData | Promise<PreparedData>;
  /** Fit a model to the training rows. */
  readonly train: (context: TrainContext) => TrainedModel<M> | Promise<TrainedModel<M>>;
  /** All are run, and reported together. Default: none. */
  readonly checks?: readonly Check[];
  /** The command line, without the names of Node and the program. Default: that of the process. */
  readonly argv?: readonly string[];
}
