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
 * @returns The set itself if a feature has many values, or if few rows are equal.
 */
export function mergeEqualRows(set: TrainingSet): TrainingSet {
  const coded = set.features.filter((feature) => feature.kind === "coded");
  const combinations = coded.reduce((product, { values }) => product * values.length, 1);
  const rows = set.labels.length;
  if (coded.length < set.features.length || combinations > MAX_COMBINATIONS_PER_ROW * rows) {
    return set;
  }
  const { cellOf, combinationOf } = numberCells(coded, combinations, rows);
  const size = combinationOf.length;
  if (2 * size > rows) {
    return set;
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
  return sortCodedFeatures({ ...sumCells(set.labels, cellOf, size), features });
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
  labels: Float64Array,
  cellOf: Int32Array,
  size: number,
): { labels: Float64Array; cells: Cells } {
  const weights = new Int32Array(size);
  const shifts = new Float64Array(size);
  const sums = new Float64Array(size);
  const squares = new Float64Array(size);
  for (let row = 0; row < cellOf.length; row++) {
    const cell = cellOf[row]!;
    // As in squared-error.ts, labels relative to the first of them lose no precision to a common offset.
    if (weights[cell]!++ === 0) {
      shifts[cell] = labels[row]!;
    }
    const offset = labels[row]! - shifts[cell]!;
    sums[cell]! += offset;
    squares[cell]! += offset * offset;
  }
  return {
    labels: shifts.map((shift, cell) => shift + sums[cell]! / weights[cell]!),
    cells: {
      weights,
      errors: squares.map((square, cell) => Math.max(0, square - sums[cell]! ** 2 / weights[cell]!)),
    },
  };
}
