import { argsortFloat32, argsortFloat64 } from "./argsort.js";
import { codeValues } from "./code-values.js";

/** A feature of many values: the rows in ascending order of them. */
export interface SortedFeature {
  readonly kind: "sorted";
  /** By row. */
  readonly values: Float32Array;
  /** Ascending by value; ties in the order of their labels. */
  readonly order: Int32Array;
}

/** A feature of few values: the rows hold positions among them. */
export interface CodedFeature {
  readonly kind: "coded";
  /** The distinct values, ascending. */
  readonly values: Float32Array;
  /** By row: the position of the row's value in `values`. */
  readonly codes: Uint16Array;
}

export type Feature = SortedFeature | CodedFeature;

/**
 * Training data ready for growth: rows are numbered by label, every feature is sorted, or coded, once.
 *
 * Numbering rows by label makes all that follows independent of the order in which rows were given, to the last
 * bit: the sequence of labels, overall and within each value of a feature, is the same for every permutation.
 */
export interface TrainingSet {
  /** Ascending: row i is the row with the i-th smallest label. */
  readonly labels: Float64Array;
  readonly features: readonly Feature[];
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
    labels: gather(labels, order, new Float64Array(order.length)),
    features: features.map((feature) => {
      const values = gather(feature, order, new Float32Array(order.length));
      return codeValues(values) ?? { kind: "sorted", values, order: argsortFloat32(values) };
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
  const kept = new Int32Array(all.order.length - excluded.length);
  const newRow = new Int32Array(all.order.length).fill(-1);
  let size = 0;
  for (let row = 0; row < all.order.length; row++) {
    if (isExcluded[all.order[row]!] === 1) continue;
    kept[size] = row;
    newRow[row] = size++;
  }
  return {
    labels: gather(all.labels, kept, new Float64Array(size)),
    features: all.features.map((feature) => keepRows(feature, kept, newRow)),
  };
}

function keepRows(feature: Feature, kept: Int32Array, newRow: Int32Array): Feature {
  if (feature.kind === "coded") {
    return { ...feature, codes: gather(feature.codes, kept, new Uint16Array(kept.length)) };
  }
  const order = new Int32Array(kept.length);
  let size = 0;
  for (const row of feature.order) {
    if (newRow[row]! >= 0) order[size++] = newRow[row]!;
  }
  return { kind: "sorted", values: gather(feature.values, kept, new Float32Array(kept.length)), order };
}

/** `to[i] = from[positions[i]]`: a loop, since `TypedArray.from` with a function takes ten times as long. */
function gather<T extends Float32Array | Float64Array | Uint16Array>(
  from: T,
  positions: Int32Array,
  to: T,
): T {
  for (let i = 0; i < positions.length; i++) to[i] = from[positions[i]!]!;
  return to;
}
