import type { Split } from "./split.js";
import type { TrainingSet } from "./training-set.js";

/**
 * Which rows every node has: a node owns the same range of several lists, each in an order of its own.
 *
 * Dividing a node divides each list stably, so that no list is ever sorted again.
 */
export class NodeRows {
  /** By label. */
  readonly byLabel: Int32Array;
  /** Along each feature that is sorted; undefined for coded ones. */
  readonly along: readonly (Int32Array | undefined)[];
  readonly #set: TrainingSet;
  readonly #goesLeft: Uint8Array;
  readonly #spare: Int32Array;

  constructor(set: TrainingSet) {
    const size = set.labels.length;
    this.#set = set;
    this.byLabel = new Int32Array(size);
    for (let row = 0; row < size; row++) this.byLabel[row] = row;
    this.along = set.features.map((feature) =>
      feature.kind === "sorted" ? feature.order.slice() : undefined,
    );
    this.#goesLeft = new Uint8Array(size);
    this.#spare = new Int32Array(size);
  }

  /**
   * Divide the node at `start` to `end - 1`: afterwards the left child begins at `start`, the right one after it.
   *
   * @param toLeaves - Both children are leaves: only `byLabel` is needed of them.
   */
  divide(split: Split, start: number, end: number, toLeaves: boolean): void {
    this.#mark(split, start, end);
    this.#divideList(this.byLabel, start, end);
    if (toLeaves) return;
    for (let feature = 0; feature < this.along.length; feature++) {
      const order = this.along[feature];
      if (order !== undefined && feature !== split.feature) this.#divideList(order, start, end);
    }
  }

  #mark({ feature, left, lower }: Split, start: number, end: number): void {
    const goesLeft = this.#goesLeft;
    const order = this.along[feature];
    if (order !== undefined) {
      for (let i = start; i < start + left; i++) goesLeft[order[i]!] = 1;
      for (let i = start + left; i < end; i++) goesLeft[order[i]!] = 0;
      return;
    }
    const { byLabel } = this;
    const column = this.#set.features[feature]!;
    if (column.kind !== "coded") return;
    const last = column.values.indexOf(lower);
    for (let i = start; i < end; i++) {
      const row = byLabel[i]!;
      goesLeft[row] = column.codes[row]! <= last ? 1 : 0;
    }
  }

  /** Every row is stored twice and one of two cursors advances: a branch would be mispredicted half the time. */
  #divideList(rows: Int32Array, start: number, end: number): void {
    const goesLeft = this.#goesLeft;
    const spare = this.#spare;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      const toLeft = goesLeft[row]!;
      rows[left] = row;
      spare[right] = row;
      left += toLeft;
      right += 1 - toLeft;
    }
    for (let i = 0; i < right; i++) rows[left + i] = spare[i]!;
  }
}
