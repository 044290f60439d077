/** A figure and its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** How the values of one column compare with the training. Each request counts as one row. */
export interface MonitoredColumn {
  /** Name of the feature, or `prediction`. */
  readonly column: string;
  readonly verdict: DriftVerdict;
  /** Requests that were compared. A request of several rows is one; its rows share its weight. */
  readonly requests: number;
  /** The population stability index. */
  readonly index: number;
  /** The index from which on the column counts as shifted. */
  readonly threshold: number;
  /** Requests outside the training range. */
  readonly outside: number;
  /** The bins by name, as of `driftBins`. */
  readonly bins: readonly string[];
  /** Training rows by bin; for `prediction`, held-out rows. */
  readonly reference: readonly number[];
  /** Requests by bin. */
  readonly counts: readonly number[];
}

/**
 * - `stable`: no sign of drift.
 * - `shifted`: at least 200 requests, and the index reaches its threshold.
 * - `outside`: at least 5 requests, and at least a tenth, lie outside the training range.
 * - `few rows`: not outside, and fewer than 200 requests.
 */
export type DriftVerdict = "stable" | "shifted" | "outside" | "few rows";

/** The predictions of one model on one day, UTC. */
export interface MonitoredDay {
  /** `2021-07-04`. */
  readonly day: string;
  /** null on a day without predictions. */
  readonly modelKey: string | null;
  readonly modelHash: string | null;
  readonly rows: number;
  /** Ids. */
  readonly requests: number;
  /** Rows whose id has a label. */
  readonly labelled: number;
  /** `labelled / rows`, from 0 to 1; 0 without rows. */
  readonly coverage: number;
  /** null with fewer than two labelled rows, with labels that are all equal, and for classes. */
  readonly rSquared: Estimate | null;
  /** In the unit of the target. null with fewer than two labelled rows, and for classes. */
  readonly meanAbsoluteError: Estimate | null;
  /** Each feature of the model with a profile, then `prediction`. */
  readonly drift: readonly MonitoredColumn[];
  /** Why `drift` is empty; undefined if it is not. */
  readonly note?: string;
}

/** Everything that `monitorPredictions` found, for tables, reports and metrics. Plain JSON. */
export interface MonitoringResult {
  readonly bucket: string;
  readonly name: string;
  /** The first day, UTC. */
  readonly from: string;
  /** The last day, UTC, included. */
  readonly to: string;
  readonly labels: {
    readonly key: string;
    /** Ids with a label. */
    readonly ids: number;
    /** Rows of the file that a later row of the same id replaces. */
    readonly duplicates: number;
    /** Ids with a label that have no prediction in the interval. */
    readonly withoutPrediction: number;
  };
  /** By day, and within a day by model key. A day without predictions is a row of zeros. */
  readonly days: readonly MonitoredDay[];
  /** One sentence for each figure that is beyond its limit. */
  readonly alerts: readonly string[];
}
