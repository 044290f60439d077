import type { Feature, Target } from "../aws/models/feature.js";
import { chiSquareQuantile } from "./chi-square.js";
import type { ColumnProfile } from "./profile.js";

/** Fewer rows than this never count as shifted. */
export const MIN_DRIFT_ROWS = 200;
/** The smallest index that counts as shifted, however many rows there are. */
export const MIN_DRIFT_INDEX = 0.1;
/** The share of looks at unchanged data that stay below the sampling bound of the index. */
export const DRIFT_CONFIDENCE = 0.999;
/** Rows outside the training range that are needed to count. One such row is no sign: in 2,000 rows it is the rule. */
export const MIN_OUTSIDE_ROWS = 5;
/** Their share of a column's rows that is needed to count. */
export const MIN_OUTSIDE_SHARE = 0.1;

/** Added to each bin, so that an empty one has a finite logarithm. */
const SMOOTHING = 0.5;
const OTHER = "other";

/** By number of bins: `driftQuantile`, which takes a millisecond to compute. */
const quantiles = new Map<number, number>();

/** The bins in which a column is compared with its profile. */
export interface DriftBins {
  /** A number's bin is named by its upper edge, the last one `+Inf`; a category's by the category, or `other`. */
  readonly names: readonly string[];
  /** Rows of the profile, by bin. */
  readonly reference: readonly number[];
  /**
   * The bin of a value.
   *
   * @param value - As `ModelClass.predict` takes it: a category as its index, a boolean as 0 or 1.
   */
  readonly indexOf: (value: number) => number;
  /** Whether a number lies outside the training range, or no training row had the category. */
  readonly isOutside: (value: number) => boolean;
}

/** How far the values of a column have moved from its profile. */
export interface ColumnDrift {
  /** Rows that were compared, those without a value left out; the sum of their weights. */
  readonly rows: number;
  /** Rows by bin, in the order of {@link driftBins}. */
  readonly counts: readonly number[];
  /** The population stability index; 0 for the same shares. */
  readonly index: number;
  /** The index from which on this number of rows counts as shifted. */
  readonly threshold: number;
  /** Rows outside the training range, or of a category that no training row had. */
  readonly outside: number;
  /** Whether there are at least 200 rows, and the index reaches its threshold. */
  readonly isShifted: boolean;
  /** Whether at least 5 rows, and at least a tenth of all, are outside the training range. */
  readonly isOutside: boolean;
}

/** The bins of a column's profile: a number's ten deciles, equal ones once; at most 50 categories. */
export function driftBins(profile: ColumnProfile, column: Feature | Target): DriftBins {
  if (profile.type === "number") {
    const { deciles, counts, minimum, maximum } = profile;
    return {
      names: [...deciles.map(String), "+Inf"],
      reference: counts,
      indexOf: (value) => {
        let bin = 0;
        while (bin < deciles.length && value > (deciles[bin] ?? Infinity)) {
          bin += 1;
        }
        return bin;
      },
      isOutside: (value) => value < minimum || value > maximum,
    };
  }
  const values = column.type === "category" ? column.categories : ["false", "true"];
  const named = Object.keys(profile.counts);
  // A profile may name values that the column no longer has.
  const hasOther = values.some((value) => !Object.hasOwn(profile.counts, value));
  const bins = values.map((value) =>
    Object.hasOwn(profile.counts, value) ? named.indexOf(value) : named.length,
  );
  const reference = [...Object.values(profile.counts), ...(hasOther ? [profile.other] : [])];
  return {
    names: hasOther ? [...named, OTHER] : named,
    reference,
    indexOf: (value) => bins[value] ?? -1,
    isOutside: (value) => reference[bins[value] ?? -1] === 0,
  };
}

/**
 * Compare the values of a column with its profile.
 *
 * Rows must be independent of each other: fifty rows that one person asked for at once are one row, not fifty.
 * Weights of 1/50 make them one.
 *
 * @param values - One number per row, shape (rows). NaN is a missing value, and is left out.
 * @param weights - One number per row. Default: 1 for each.
 */
export function columnDrift(
  profile: ColumnProfile,
  column: Feature | Target,
  values: ArrayLike<number>,
  weights?: ArrayLike<number>,
): ColumnDrift {
  const bins = driftBins(profile, column);
  const counts = bins.names.map(() => 0);
  let rows = 0;
  let outside = 0;
  for (const [row, value] of Float64Array.from(values).entries()) {
    const bin = Number.isNaN(value) ? -1 : bins.indexOf(value);
    const weight = weights?.[row] ?? 1;
    if (bin >= 0) {
      rows += weight;
      counts[bin] = (counts[bin] ?? 0) + weight;
      outside += bins.isOutside(value) ? weight : 0;
    }
  }
  const index = populationStabilityIndex(bins.reference, counts);
  const threshold = driftThreshold(counts.length, rows, profile.count);
  return {
    rows,
    counts,
    index,
    threshold,
    outside,
    isShifted: rows >= MIN_DRIFT_ROWS && index >= threshold,
    isOutside: outside >= MIN_OUTSIDE_ROWS && outside >= MIN_OUTSIDE_SHARE * rows,
  };
}

/**
 * The population stability index: the sum over all bins of (share - reference share) · ln(share / reference share).
 * Each bin gets half a row more.
 *
 * @param reference - Rows by bin.
 * @param counts - Rows by bin, in the same order.
 */
export function populationStabilityIndex(reference: readonly number[], counts: readonly number[]): number {
  const expected = smoothedShares(reference);
  const found = smoothedShares(counts);
  return expected.reduce((sum, share, bin) => {
    const other = found[bin] ?? NaN;
    return sum + (other - share) * Math.log(other / share);
  }, 0);
}

/** The share of each bin, each with half a row more. */
export function smoothedShares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count + SMOOTHING, 0);
  return counts.map((count) => (count + SMOOTHING) / total);
}

/**
 * The index from which on rows count as shifted: what unchanged data exceed in one look of a thousand, but at least 0.1.
 *
 * A usual fixed bound of 0.1 alarms in half of all looks at 100 unchanged rows.
 *
 * @param bins - At least 1. With one bin nothing can move.
 * @param rows - Rows that are compared.
 * @param referenceRows - Rows of the profile.
 * @see B. Yurdakul, "Statistical properties of population stability index", Western Michigan University, 2018
 */
export function driftThreshold(bins: number, rows: number, referenceRows: number): number {
  return Math.max(MIN_DRIFT_INDEX, driftQuantile(bins) * (1 / rows + 1 / referenceRows));
}

/** The quantile of chi-square by which {@link driftThreshold} scales; 0 for a single bin. */
export function driftQuantile(bins: number): number {
  let quantile = quantiles.get(bins);
  if (quantile === undefined) {
    quantile = bins < 2 ? 0 : chiSquareQuantile(DRIFT_CONFIDENCE, bins - 1);
    quantiles.set(bins, quantile);
  }
  return quantile;
}
