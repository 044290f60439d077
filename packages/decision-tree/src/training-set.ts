import { argsortFloat32, argsortFloat64 } from "./argsort.js";
import { codeValues } from "./code-values.js";
import type { CodedFeature } from "./code-values.js";

/** A feature of many values: the rows in ascending order of them. */
export interface SortedFeature {
  readonly kind: "sorted";
  /** By row. */
  readonly values: Float32Array;
  /** Ascending by value; ties in the order of their labels. */
  readonly order: Int32Array;
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
  /** Where rows stand for several of equal features, how: labels are their means, in no order; features are sorted. */
  readonly cells: Cells | undefined;
}

/** What rows that stand for several are made of: see collapse.ts. */
export interface Cells {
  /** Number of rows that a row stands for. */
  readonly weights: Int32Array;
  /** Sum of squared errors of their labels from their mean. */
  readonly errors: Float64Array;
}

/** A training set, with the rows it was made from. */
export interface IndexedTrainingSet {
  readonly set: TrainingSet;
  /** `order[i]` is the position, in the data as given, of row i. */
  readonly order: Int32Array;
}

/** Of fewer rows all features are sorted: while they fit the cache, lists are divided faster than tallies are made. */
const FEWEST_ROWS_TO_CODE = 4096;

/**
 * Sort the data as given: O(features x rows).
 *
 * @param fewestToCode - Rows from which on features of few values are coded.
 */
export function sortTrainingSet(
  features: readonly Float32Array[],
  labels: Float64Array,
  fewestToCode = FEWEST_ROWS_TO_CODE,
): IndexedTrainingSet {
  const mayCode = labels.length >= fewestToCode;
  const order = argsortFloat64(labels);
  const sorted = features.map((feature): Feature => {
    const values = gather(feature, order, new Float32Array(order.length));
    const coded = mayCode ? codeValues(values) : undefined;
    return coded ?? { kind: "sorted", values, order: argsortFloat32(values) };
  });
  const set = {
    labels: gather(labels, order, new Float64Array(order.length)),
    features: sorted,
    cells: undefined,
  };
  return { set, order };
}

/**
 * The training set without some of its rows (a fold's test rows), with no need to sort again.
 *
 * @param excluded - Positions in the data as given, each once.
 */
export function withoutRows({ set, order }: IndexedTrainingSet, excluded: Int32Array): TrainingSet {
  const isExcluded = new Uint8Array(order.length);
  for (const position of excluded) isExcluded[position] = 1;
  const kept = new Int32Array(order.length - excluded.length);
  const newRow = new Int32Array(order.length).fill(-1);
  let size = 0;
  for (let row = 0; row < order.length; row++) {
    if (isExcluded[order[row]!] === 1) continue;
    kept[size] = row;
    newRow[row] = size++;
  }
  return {
    labels: gather(set.labels, kept, new Float64Array(size)),
    features: set.features.map((feature) => keepRows(feature, kept, newRow)),
    cells: undefined,
  };
}

function keepRows(feature: Feature, kept: Int32Array, newRow: Int32Array): Feature {
  if (feature.kind === "coded") {
    return {
      kind: "coded",
      values: feature.values,
      codes: gather(feature.codes, kept, new Uint16Array(kept.length)),
    };
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
