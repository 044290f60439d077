import type { Table } from "apache-arrow";

import type { OptionKinds } from "../../argument-error.js";
import type { Feature, Target } from "../../aws/models/feature.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import type { ModelClass } from "../../aws/models/model-class.js";
import type { ExpectedSchema } from "../../formats/expected-schema.js";
import type { Logger } from "../../logging/logger.js";
import type { Score } from "../../monitoring/metrics.js";
import type { Check } from "./checks.js";
import type { PreparedData, Sample } from "./prepared-data.js";

/** Progress of the training. */
export interface TrainProgress {
  readonly completed: number;
  readonly total: number;
}

/** The input of `train`. */
export interface TrainContext {
  readonly train: Sample;
  readonly features: readonly Feature[];
  /** Aborted by signals and by the deadline. Training should then reject with the signal's reason. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Report progress. It shows as a bar on a terminal, or as a line every five seconds in a log. */
  readonly onProgress: (progress: TrainProgress) => void;
}

/** The result of `train`. */
export interface TrainedModel<M> {
  readonly model: M;
  /** Stored in the model's metadata, beside the stage's own. Default: nothing. */
  readonly details?: JsonObject;
}

/** One metric of the held-out rows. */
export interface MetricOptions {
  /** Whether greater or smaller values are better. */
  readonly better: "greater" | "less";
  /** Whether this metric's thresholds decide about the model. At most one metric has a gate. Default: false. */
  readonly gate?: boolean;
  /** Default: the built-in function of the metric's name, for `r_squared`, `mean_absolute_error` and `accuracy`. */
  readonly score?: Score;
  /**
   * Name of the metric in the log. Default: `r-squared`, `MAE`, `accuracy`; for custom metrics, the name with `-`
   * instead of `_`.
   */
  readonly label?: string;
}

/** A training stage: everything that is particular to one model. */
export interface TrainStageOptions<M> {
  /** Name of the model, which begins its file's name: `time-to-dispatch`. */
  readonly name: string;
  /** Name of the command. Default: the model's name with `-train`. */
  readonly program?: string;
  /**
   * Name of the datasets before their timestamp: `time_to_dispatch` for
   * `datasets/time_to_dispatch_2021-07-03T23:05:32.csv`.
   */
  readonly datasetName: string;
  /** Prefix of the module name in every log line: `train_model` gives `train_model.main`. */
  readonly logModule: string;
  /** Class of the model. It must have `predict`. */
  readonly modelClass: ModelClass<M>;
  /** The model's output. */
  readonly target: Target;
  /** The columns, as agreed with the supplier of the dataset. A column that it does not name makes a bad delivery. */
  readonly schema: ExpectedSchema;
  /** Metrics by name, in the order of the log line. */
  readonly metrics: Readonly<Record<string, MetricOptions>>;
  /**
   * Convert a delivery to numbers, and split it.
   *
   * @param table - Shape (rows, columns), read with `schema`. Columns are in any order, and may include the index of
   *   pandas.
   * @throws {BadDeliveryError} All violations that the schema cannot express, without the dataset's address.
   */
  readonly prepare: (table: Table) => PreparedData | Promise<PreparedData>;
  /** Fit a model to the training rows. */
  readonly train: (context: TrainContext) => TrainedModel<M> | Promise<TrainedModel<M>>;
  /**
   * Settings of the training, such as the grid of a search. Kept in the model's `metadata.settings`; with `--if-new`, a
   * change of them trains again. Default: none.
   */
  readonly settings?: JsonObject;
  /** Checks of the trained model. All run and are reported together. Default: none. */
  readonly checks?: readonly Check[];
  /** The command line without the names of Node and the program. Default: that of the process. */
  readonly argv?: readonly string[];
}

export const TRAIN_STAGE_OPTIONS: OptionKinds<TrainStageOptions<unknown>> = {
  name: "text",
  program: "text",
  datasetName: "text",
  logModule: "text",
  modelClass: "other",
  target: "object",
  schema: "other",
  metrics: "object",
  prepare: "function",
  train: "function",
  settings: "object",
  checks: "other",
  argv: "texts",
};
