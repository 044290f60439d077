import type { TrainingSet } from "./training-set.js";

/** One feature during growth. Every node owns a range, the same in every column, ascending within the node. */
export interface SortedColumn {
  readonly values: Float32Array;
  readonly rows: Int32Array;
  /** The labels of `rows`. */
  readonly labels: Float64Array;
}

/**
 * The features during growth, each kept sorted within every node by dividing it stably at every split.
 *
 * Values and labels move with the rows: reading them in sequence is what makes a scan fast.
 */
export class SortedColumns {
  readonly features: readonly SortedColumn[];
  /** The rows by label: what the median needs. */
  readonly byLabel: { readonly rows: Int32Array; readonly labels: Float64Array } | undefined;
  readonly #goesLeft: Uint8Array;
  readonly #spareValues: Float32Array;
  readonly #spareRows: Int32Array;
  readonly #spareLabels: Float64Array;

  /** @param keepLabelOrder - Whether to keep the rows by label too. */
  constructor(set: TrainingSet, keepLabelOrder: boolean) {
    const size = set.labels.length;
    this.features = set.features.map(({ values, rows }) => ({
      values: values.slice(),
      rows: rows.slice(),
      labels: gather(set.labels, rows),
    }));
    this.byLabel = keepLabelOrder
      ? { rows: Int32Array.from(set.labels.keys()), labels: set.labels.slice() }
      : undefined;
    this.#goesLeft = new Uint8Array(size);
    this.#spareValues = new Float32Array(size);
    this.#spareRows = new Int32Array(size);
    this.#spareLabels = new Float64Array(size);
  }

  /** Divide the node of rows `start` to `end - 1` where `feature` is split before `position`. */
  divide(feature: number, start: number, position: number, end: number): void {
    const { rows } = this.features[feature]!;
    for (let i = start; i < end; i++) this.#goesLeft[rows[i]!] = i < position ? 1 : 0;
    for (let other = 0; other < this.features.length; other++) {
      if (other !== feature) this.#divideColumn(this.features[other]!, start, end);
    }
    if (this.byLabel !== undefined) this.#divideLabels(this.byLabel.rows, this.byLabel.labels, start, end);
  }

  // Both loops store every row twice and advance one of two cursors: a branch would be mispredicted half the time.

  #divideColumn({ values, rows, labels }: SortedColumn, start: number, end: number): void {
    const goesLeft = this.#goesLeft;
    const spareValues = this.#spareValues;
    const spareRows = this.#spareRows;
    const spareLabels = this.#spareLabels;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      const value = values[i]!;
      const label = labels[i]!;
      const toLeft = goesLeft[row]!;
      rows[left] = row;
      values[left] = value;
      labels[left] = label;
      spareRows[right] = row;
      spareValues[right] = value;
      spareLabels[right] = label;
      left += toLeft;
      right += 1 - toLeft;
    }
    for (let i = 0; i < right; i++) {
      rows[left + i] = spareRows[i]!;
      values[left + i] = spareValues[i]!;
      labels[left + i] = spareLabels[i]!;
    }
  }

  #divideLabels(rows: Int32Array, labels: Float64Array, start: number, end: number): void {
    const goesLeft = this.#goesLeft;
    const spareRows = this.#spareRows;
    const spareLabels = this.#spareLabels;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      const label = labels[i]!;
      const toLeft = goesLeft[row]!;
      rows[left] = row;
      labels[left] = label;
      spareRows[right] = row;
      spareLabels[right] = label;
      left += toLeft;
      right += 1 - toLeft;
    }
    for (let i = 0; i < right; i++) {
      rows[left + i] = spareRows[i]!;
      labels[left + i] = spareLabels[i]!;
    }
  }
}

function gather(labels: Float64Array, rows: Int32Array): Float64Array {
  const gathered = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) gathered[i] = labels[rows[i]!]!;
  return gathered;
}
