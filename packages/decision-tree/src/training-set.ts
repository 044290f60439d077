import { argsortFloat32, argsortFloat64 } from "./argsort.js";

/** A feature's values in ascending order, and the rows that hold them. */
interface SortedFeature {
  /** Ascending; ties in the order of their labels. */
  readonly values: Float32Array;
  readonly rows: Int32Array;
}

/**
 * Training data ready for growth: rows are numbered by label, every feature is sorted once.
 *
 * Numbering rows by label makes all that follows independent of the order in which rows were given, to the last
 * bit: the sequence of (value, label) pairs along a feature is the same for every permutation of the rows.
 */
export interface TrainingSet {
  /** Ascending: row i is the row with the i-th smallest label. */
  readonly labels: Float64Array;
  readonly features: readonly SortedFeature[];
}

/** A training set, with the rows it was made from. */
export interface IndexedTrainingSet extends TrainingSet {
  /** `order[i]` is the position, in the data as given, of row i. */
  readonly order: Int32Array;
}

/** Sort the data as given: O(features x rows). */
export function sortTrainingSet(features: readonly Float32Array[], labels: Float64Array): IndexedTrainingSet {
  const order = argsortFloat64(labels);
  return {
    order,
    labels: labels.map((_, i) => labels[order[i]!]!),
    features: features.map((feature) => {
      const byLabel = feature.map((_, i) => feature[order[i]!]!);
      const rows = argsortFloat32(byLabel);
      return { rows, values: byLabel.map((_, i) => byLabel[rows[i]!]!) };
    }),
  };
}

/**
 * The training set without some of its rows (a fold's test rows), with no need to sort again.
 *
 * @param excluded - Positions in the data as given, each once.
 */
export function withoutRows(all: IndexedTrainingSet, excluded: Int32Array): TrainingSet {
  const isExcluded = new Uint8Array(all.order.length);
  for (const position of excluded) isExcluded[position] = 1;
  const size = all.order.length - excluded.length;
  const newRow = new Int32Array(all.order.length).fill(-1);
  const labels = new Float64Array(size);
  let kept = 0;
  for (let row = 0; row < all.order.length; row++) {
    if (isExcluded[all.order[row]!] === 1) continue;
    labels[kept] = all.labels[row]!;
    newRow[row] = kept++;
  }
  return { labels, features: all.features.map((feature) => keepRows(feature, newRow, size)) };
}

function keepRows(feature: SortedFeature, newRow: Int32Array, size: number): SortedFeature {
  const values = new Float32Array(size);
  const rows = new Int32Array(size);
  let kept = 0;
  for (let i = 0; i < newRow.length; i++) {
    const row = newRow[feature.rows[i]!]!;
    if (row < 0) continue;
    values[kept] = feature.values[i]!;
    rows[kept++] = row;
  }
  return { values, rows };
}
