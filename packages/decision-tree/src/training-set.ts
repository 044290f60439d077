import { argsortFloat32, argsortFloat64 } from "./argsort.js";

/** A feature with many distinct values, stored as the order of its rows. */
interface SortedFeature {
  readonly kind: "sorted";
  /** Value of each row. */
  readonly values: Float32Array;
  /** Rows by value, ascending; equal values in the order of their labels. */
  readonly order: Int32Array;
}

/** A feature with few distinct values. Each row holds the index of its value. */
export interface CodedFeature {
  readonly kind: "coded";
  /** The distinct values, ascending. */
  readonly values: Float32Array;
  /** By row: the position of the row's value in `values`. */
  readonly codes: Uint16Array;
}

export type FeatureColumn = SortedFeature | CodedFeature;

/**
 * Training data ready for growth: rows are numbered by label, every feature is sorted, or coded, once.
 *
 * The numbering by label makes every result independent of the order in which rows were given, to the last bit.
 * For every permutation, the sequence of labels is the same, overall and within each value of a feature.
 */
export interface TrainingSet {
  /** Ascending: row i is the row with the i-th smallest label. */
  readonly labels: Float64Array;
  readonly features: readonly FeatureColumn[];
  /** Positive weight of each row; undefined if all rows weigh the same. */
  readonly weights: Float64Array | undefined;
  /** Defined if rows are cells. Labels are then the cells' means, in no order, and all features are sorted. */
  readonly cells: Cells | undefined;
}

/** A set whose rows are cells: each stands for several rows of equal features. See cells.ts. */
export interface Cells {
  /** Number of rows that a cell stands for. */
  readonly counts: Int32Array;
  /** Sum of their weights. */
  readonly weights: Int32Array | Float64Array;
  /** Sum of squared errors of their labels from their mean. */
  readonly errors: Float64Array;
}

/** A training set, with the rows it was made from. */
export interface IndexedTrainingSet {
  readonly set: TrainingSet;
  /** `order[i]` is the position, in the data as given, of row i. */
  readonly order: Int32Array;
}

/** Below this many rows, always sort: the lists fit the cache, and dividing lists beats making histograms. */
const MIN_ROWS_TO_CODE = 4096;

/** Maximum distinct values of a coded feature. A node's histogram of more values would not fit the fastest cache. */
const MAX_CODED_VALUES = 1024;

const HASH_SLOT_BITS = 12;
/** 2^32 divided by the golden ratio. As a factor, it spreads consecutive numbers over all slots. */
const HASH_MULTIPLIER = 0x9e3779b1;

/**
 * Sort the data as given: O(features x rows).
 *
 * @param weights - Weight of each row. Rows of weight 0 stay in the set: see `positiveRows`.
 * @param minRowsToCode - Fewest rows of a set whose features of few values are coded.
 */
export function sortTrainingSet(
  features: readonly Float32Array[],
  labels: Float64Array,
  weights?: Float64Array,
  minRowsToCode = MIN_ROWS_TO_CODE,
): IndexedTrainingSet {
  const mayCode = labels.length >= minRowsToCode;
  const order = weights === undefined ? argsortFloat64(labels) : argsortByLabelAndWeight(labels, weights);
  const sorted = features.map((feature): FeatureColumn => {
    const values = gather(feature, order, new Float32Array(order.length));
    const coded = mayCode ? codeValues(values) : undefined;
    return coded ?? { kind: "sorted", values, order: argsortFloat32(values) };
  });
  const set = {
    labels: gather(labels, order, new Float64Array(order.length)),
    features: sorted,
    weights: weights && gather(weights, order, new Float64Array(order.length)),
    cells: undefined,
  };
  return { set, order };
}

/** Rows of equal labels by weight: as by label, the order in which rows were given must not matter. */
function argsortByLabelAndWeight(labels: Float64Array, weights: Float64Array): Int32Array {
  const byWeight = argsortFloat64(weights);
  const byLabel = argsortFloat64(gather(labels, byWeight, new Float64Array(labels.length)));
  return byLabel.map((position) => byWeight[position]!);
}

/**
 * Code a feature, with a hash table of its values: O(rows).
 *
 * @param feature - Finite values, without `-0`.
 * @returns undefined for a feature with too many values. The search ends at the first value above the limit.
 */
function codeValues(feature: Float32Array): CodedFeature | undefined {
  const slotOf = new Uint16Array(feature.length);
  const bits = new Uint32Array(feature.buffer, feature.byteOffset, feature.length);
  const table = new Uint32Array(1 << HASH_SLOT_BITS);
  const used = new Uint8Array(1 << HASH_SLOT_BITS);
  const found: { readonly slot: number; readonly value: number }[] = [];
  for (let row = 0; row < feature.length; row++) {
    const key = bits[row]!;
    let slot = Math.imul(key, HASH_MULTIPLIER) >>> (32 - HASH_SLOT_BITS);
    while (used[slot] === 1 && table[slot] !== key) {
      slot = (slot + 1) % table.length;
    }
    slotOf[row] = slot;
    if (used[slot] === 1) {
      continue;
    }
    if (found.length === MAX_CODED_VALUES) {
      return undefined;
    }
    used[slot] = 1;
    table[slot] = key;
    found.push({ slot, value: feature[row]! });
  }
  found.sort((a, b) => a.value - b.value);
  const codeOf = new Uint16Array(table.length);
  found.forEach(({ slot }, code) => (codeOf[slot] = code));
  for (let row = 0; row < slotOf.length; row++) {
    slotOf[row] = codeOf[slotOf[row]!]!;
  }
  return { kind: "coded", values: Float32Array.from(found, ({ value }) => value), codes: slotOf };
}

/** The training set with all coded features sorted, by counting. The absolute error needs rows in order, not codes. */
export function sortCodedFeatures(set: TrainingSet): TrainingSet {
  const features = set.features.map((feature) => (feature.kind === "coded" ? sortByCode(feature) : feature));
  return { ...set, features };
}

/** Rows of the same value stay in the order of their labels, because rows are numbered by label. */
function sortByCode({ codes, values }: CodedFeature): SortedFeature {
  const positions = new Int32Array(values.length + 1);
  for (const code of codes) {
    positions[code + 1]!++;
  }
  for (let code = 0; code < values.length; code++) {
    positions[code + 1]! += positions[code]!;
  }
  const order = new Int32Array(codes.length);
  const valueOf = new Float32Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    order[positions[code]!++] = row;
    valueOf[row] = values[code]!;
  }
  return { kind: "sorted", values: valueOf, order };
}

/**
 * The training set of some of the rows, such as a fold's training rows. It is not sorted again: O(features x rows).
 * Rows of weight 0 are left out, as scikit-learn does.
 *
 * @param rows - Positions in the data as given, in any order. A position that stands twice counts as two rows.
 * @throws {RangeError} All rows have weight 0.
 */
export function selectRows({ set, order }: IndexedTrainingSet, rows: Int32Array): TrainingSet {
  const copies = new Int32Array(order.length);
  for (const position of rows) {
    copies[position]!++;
  }
  const selected = new Int32Array(rows.length);
  // The copies of a row become the rows from `starts[row]` to `starts[row + 1] - 1`.
  const starts = new Int32Array(order.length + 1);
  let size = 0;
  for (let row = 0; row < order.length; row++) {
    const isCounted = set.weights === undefined || set.weights[row]! > 0;
    for (let left = isCounted ? copies[order[row]!]! : 0; left > 0; left--) {
      selected[size++] = row;
    }
    starts[row + 1] = size;
  }
  if (size === 0) {
    throw new RangeError("sampleWeight is 0 in all training rows of a fold");
  }
  const kept = selected.subarray(0, size);
  return {
    labels: gather(set.labels, kept, new Float64Array(size)),
    features: set.features.map((feature) => selectFromFeature(feature, kept, starts)),
    weights: set.weights && gather(set.weights, kept, new Float64Array(size)),
    cells: undefined,
  };
}

/** The set without its rows of weight 0. */
export function positiveRows(all: IndexedTrainingSet): TrainingSet {
  return all.set.weights?.includes(0) === true ? selectRows(all, all.order) : all.set;
}

function selectFromFeature(feature: FeatureColumn, kept: Int32Array, starts: Int32Array): FeatureColumn {
  if (feature.kind === "coded") {
    const codes = gather(feature.codes, kept, new Uint16Array(kept.length));
    return { kind: "coded", values: feature.values, codes };
  }
  const order = new Int32Array(kept.length);
  fillOrder(feature.order, starts, order);
  return { kind: "sorted", values: gather(feature.values, kept, new Float32Array(kept.length)), order };
}

/** A loop of its own, which V8 compiles in a fraction of the time that it takes inside `selectFromFeature`. */
function fillOrder(from: Int32Array, starts: Int32Array, order: Int32Array): void {
  let size = 0;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- V8 compiles the loop of an iterator more slowly
  for (let i = 0; i < from.length; i++) {
    const row = from[i]!;
    const end = starts[row + 1]!;
    for (let copy = starts[row]!; copy < end; copy++) {
      order[size++] = copy;
    }
  }
}

/** `to[i] = from[positions[i]]`. A loop, because `TypedArray.from` with a function takes ten times as long. */
function gather<T extends Float32Array | Float64Array | Uint16Array>(
  from: T,
  positions: Int32Array,
  to: T,
): T {
  for (let i = 0; i < positions.length; i++) {
    to[i] = from[positions[i]!]!;
  }
  return to;
}
