import { sortCodedFeatures } from "./training-set.js";
import type { Cells, CodedFeature, TrainingSet } from "./training-set.js";

/** Maximum combinations of values per row. With more, their table would cost more than the merged rows save. */
const MAX_COMBINATIONS_PER_ROW = 2;

/**
 * The training set with all rows of equal features merged into one row, a cell. A cell has the number of its rows, and
 * the mean and the squared error of their labels.
 *
 * By squared error, the merged set grows the same tree, in time that depends on the cells only.
 *
 * @returns The set itself if a feature has many values, or if few rows are equal. With weights, each row is a cell then.
 */
export function mergeEqualRows(set: TrainingSet): TrainingSet {
  const coded = set.features.filter((feature) => feature.kind === "coded");
  const combinations = coded.reduce((product, { values }) => product * values.length, 1);
  const rows = set.labels.length;
  if (coded.length < set.features.length || combinations > MAX_COMBINATIONS_PER_ROW * rows) {
    return asCells(set);
  }
  const { cellOf, combinationOf } = numberCells(coded, combinations, rows);
  const size = combinationOf.length;
  if (2 * size > rows) {
    return asCells(set);
  }
  let step = 1;
  const features = coded.map(({ values }): CodedFeature => {
    const codes = new Uint16Array(size);
    for (let cell = 0; cell < size; cell++) {
      codes[cell] = Math.floor(combinationOf[cell]! / step) % values.length;
    }
    step *= values.length;
    return { kind: "coded", values, codes };
  });
  const merged = sumCells(set, cellOf, size);
  return sortCodedFeatures({ ...merged, features, weights: undefined });
}

/** A set with weights as a set of cells, which have weights, too. */
function asCells(set: TrainingSet): TrainingSet {
  const { labels, weights } = set;
  if (weights === undefined) {
    return set;
  }
  const cells = {
    weights,
    counts: new Int32Array(labels.length).fill(1),
    errors: new Float64Array(labels.length),
  };
  return sortCodedFeatures({ ...set, cells });
}

/**
 * The cell of each row, and the combination of values of each cell: a number with the codes as its digits. Cells are
 * numbered in the order of their combinations, so that the order of rows has no effect.
 */
function numberCells(
  features: readonly CodedFeature[],
  combinations: number,
  rows: number,
): { cellOf: Int32Array; combinationOf: Int32Array } {
  const cellOf = new Int32Array(rows);
  let step = 1;
  for (const { codes, values } of features) {
    for (let row = 0; row < rows; row++) {
      cellOf[row]! += step * codes[row]!;
    }
    step *= values.length;
  }
  const numberOf = new Int32Array(combinations);
  for (let row = 0; row < rows; row++) {
    numberOf[cellOf[row]!] = 1;
  }
  const combinationOf = new Int32Array(Math.min(combinations, rows));
  let size = 0;
  for (let combination = 0; combination < combinations; combination++) {
    if (numberOf[combination] === 0) {
      continue;
    }
    combinationOf[size] = combination;
    numberOf[combination] = size++;
  }
  for (let row = 0; row < rows; row++) {
    cellOf[row] = numberOf[cellOf[row]!]!;
  }
  return { cellOf, combinationOf: combinationOf.subarray(0, size) };
}

function sumCells(
  { labels, weights: given }: TrainingSet,
  cellOf: Int32Array,
  size: number,
): { labels: Float64Array; cells: Cells } {
  const counts = new Int32Array(size);
  const weights = given === undefined ? counts : new Float64Array(size);
  const shifts = new Float64Array(size);
  const sums = new Float64Array(size);
  const squares = new Float64Array(size);
  for (let row = 0; row < cellOf.length; row++) {
    const cell = cellOf[row]!;
    // As in squared-error.ts, labels relative to the first of them lose no precision to a common offset.
    if (counts[cell]!++ === 0) {
      shifts[cell] = labels[row]!;
    }
    const offset = labels[row]! - shifts[cell]!;
    if (given === undefined) {
      sums[cell]! += offset;
      squares[cell]! += offset * offset;
    } else {
      weights[cell]! += given[row]!;
      sums[cell]! += given[row]! * offset;
      squares[cell]! += given[row]! * offset * offset;
    }
  }
  return {
    labels: shifts.map((shift, cell) => shift + sums[cell]! / weights[cell]!),
    cells: {
      counts,
      weights,
      errors: squares.map((square, cell) => Math.max(0, square - sums[cell]! ** 2 / weights[cell]!)),
    },
  };
}
