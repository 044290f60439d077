import type { Feature, Target } from "@ml-pipelines/pipeline-utils/aws";
import { driftBins, readProfile } from "@ml-pipelines/pipeline-utils/monitoring";
import type { ColumnProfile, DriftBins } from "@ml-pipelines/pipeline-utils/monitoring";
import type { ServedModel } from "../model/served-model.js";

/** Limit of the features that are counted by bin, which keeps the series of one model below 5,000. */
export const MAX_FEATURES = 100;

/** Requests by the bins of one column's profile. */
export interface DriftColumn {
  readonly name: string;
  /** The place of a feature in a row. */
  readonly index: number;
  readonly bins: DriftBins;
  /** By bin. A request counts as one row, however many rows it has: rows that come together are not independent. */
  readonly counts: Float64Array;
  outside: number;
}

/** Requests since the service loaded a model, by the bins of the model's `metadata.profile`. */
export class DriftTally {
  readonly features: readonly DriftColumn[];
  readonly prediction: DriftColumn | undefined;

  constructor({ features, target, model }: ServedModel) {
    const profile = readProfile(model.metadata.profile, features, target);
    this.features = features
      .slice(0, MAX_FEATURES)
      .flatMap((feature, index) => driftColumn(profile.features[index], feature, index) ?? []);
    this.prediction = target && driftColumn(profile.predictions, target, -1);
  }

  /**
   * Count one row and its prediction.
   *
   * @param weight - 1 divided by the rows of the request.
   * @returns The features with a value that the model was not trained for; undefined if there is none.
   */
  observe(row: readonly number[], prediction: number, weight: number): readonly string[] | undefined {
    let outside: string[] | undefined;
    for (const column of this.features) {
      if (count(column, row[column.index] ?? NaN, weight)) {
        outside ??= [];
        outside.push(column.name);
      }
    }
    if (this.prediction !== undefined) {
      count(this.prediction, prediction, weight);
    }
    return outside;
  }
}

/** @returns Whether the model was not trained for the value. */
function count(column: DriftColumn, value: number, weight: number): boolean {
  const { bins, counts } = column;
  const bin = bins.indexOf(value);
  if (bin < 0) {
    return false;
  }
  counts[bin] = (counts[bin] ?? 0) + weight;
  const isOutside = bins.isOutside(value);
  if (isOutside) {
    column.outside += weight;
  }
  return isOutside;
}

function driftColumn(
  profile: ColumnProfile | undefined,
  column: Feature | Target,
  index: number,
): DriftColumn | undefined {
  if (profile === undefined) {
    return undefined;
  }
  const bins = driftBins(profile, column);
  return { name: column.name, index, bins, counts: new Float64Array(bins.names.length), outside: 0 };
}
