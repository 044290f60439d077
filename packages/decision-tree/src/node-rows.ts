import { rowNumbers } from "./argsort.js";
import type { Split } from "./split.js";
import type { TrainingSet } from "./training-set.js";

/** Rows above which one call that copies memory is faster than a loop. */
const MIN_ROWS_TO_COPY = 64;

/**
 * The rows of every node: a node owns the same range of several lists, each in an order of its own.
 *
 * Dividing a node divides each list stably, so that no list is ever sorted again.
 */
export class NodeRows {
  /** By label if requested, or if any feature is coded; else along the first feature. */
  readonly listed: Int32Array;
  /** Along each feature that is sorted; undefined for coded ones. */
  readonly along: readonly (Int32Array | undefined)[];
  readonly #set: TrainingSet;
  readonly #lists: readonly Int32Array[];
  readonly #goesLeft: Uint8Array;
  readonly #spare: Int32Array;

  /** @param byLabel - Whether `listed` must be by label. */
  constructor(set: TrainingSet, byLabel: boolean) {
    const size = set.labels.length;
    this.#set = set;
    this.along = set.features.map((feature) =>
      feature.kind === "sorted" ? feature.order.slice() : undefined,
    );
    const first = this.along[0];
    this.listed = first === undefined || byLabel || this.along.includes(undefined) ? rowNumbers(size) : first;
    const lists = new Set([this.listed, ...this.along]);
    lists.delete(undefined);
    this.#lists = [...lists].filter((list) => list !== undefined);
    this.#goesLeft = new Uint8Array(size);
    this.#spare = new Int32Array(size);
  }

  /**
   * Divide the node at `start` to `end - 1`. Afterwards the left child begins at `start`, and the right child follows.
   *
   * @param toLeaves - Whether both children are leaves, which only need `listed`.
   * @returns The index at which the right child begins.
   */
  divide(split: Split, start: number, end: number, toLeaves: boolean): number {
    const divided = this.along[split.feature];
    if (toLeaves && divided === this.listed) {
      return start + split.entries;
    }
    this.#mark(split, start, end);
    let middle = start + split.entries;
    for (const list of this.#lists) {
      if (list !== divided && (!toLeaves || list === this.listed)) {
        middle = this.#divideList(list, start, end);
      }
    }
    return middle;
  }

  /** A copy of the node's rows, for `restore`. */
  save(start: number, end: number): Int32Array[] {
    return this.#lists.map((list) => list.slice(start, end));
  }

  /** Undo all divisions of the node at `start` since it was saved. */
  restore(saved: readonly Int32Array[], start: number): void {
    for (let i = 0; i < saved.length; i++) {
      this.#lists[i]!.set(saved[i]!, start);
    }
  }

  #mark({ feature, entries, code }: Split, start: number, end: number): void {
    const goesLeft = this.#goesLeft;
    const order = this.along[feature];
    if (order !== undefined) {
      for (let i = start; i < start + entries; i++) {
        goesLeft[order[i]!] = 1;
      }
      for (let i = start + entries; i < end; i++) {
        goesLeft[order[i]!] = 0;
      }
      return;
    }
    const { listed } = this;
    const column = this.#set.features[feature]!;
    if (column.kind !== "coded") {
      return;
    }
    for (let i = start; i < end; i++) {
      const row = listed[i]!;
      goesLeft[row] = column.codes[row]! <= code ? 1 : 0;
    }
  }

  /** Store every row twice and advance one of two cursors. A branch would be mispredicted half the time. */
  #divideList(rows: Int32Array, start: number, end: number): number {
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
    if (right < MIN_ROWS_TO_COPY) {
      for (let i = 0; i < right; i++) {
        rows[left + i] = spare[i]!;
      }
    } else {
      rows.set(spare.subarray(0, right), left);
    }
    return left;
  }
}
