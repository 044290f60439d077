import type { Data } from "apache-arrow";
import type { ColumnMemory } from "./column-memory.js";
import type { Fields } from "./record-scanner.js";
import type { TextBatch } from "./text-batch.js";

/** An unfinished column, which takes batch after batch of records. */
export interface ColumnBuilder {
  /**
   * Take the fields of one column.
   *
   * @returns False if a field has another type. The builder then took none of them. It takes them at the next call,
   *   with fields in which no numbers were parsed.
   */
  append(fields: Fields, column: number, memory: ColumnMemory): boolean;
  /**
   * After the last `append`: the next batch in its final form. The builder frees its own form of the batch. The
   * columns of a file are therefore never in memory in both forms.
   *
   * @param again - Reads the fields of that batch again, without parsing numbers.
   */
  takeBatch(memory: ColumnMemory, column: number, again: () => Fields): Data;
}

/** A builder that is chosen at a column's first value, after batches without one. */
export interface LateBuilder {
  /** Take a batch of `rows` nulls. */
  appendNulls(rows: number): void;
  /**
   * Take the fields of one column.
   *
   * @returns Whether all had the builder's type; if not, none was taken.
   */
  append(fields: Fields, column: number, memory: ColumnMemory): boolean;
  takeBatch(memory: ColumnMemory): Data;
}

/** A builder of values other than texts, which may have to become texts. */
export interface TypedBuilder extends LateBuilder {
  /** The number of batches that were appended and not taken yet. */
  readonly batches: number;
  /** Whether the builder knows how the values of the last batch were spelled. */
  readonly keepsTexts: boolean;
  /** Instead of `takeBatch`: the texts, as they were spelled; undefined if that is not known. */
  takeTexts(): TextBatch | undefined;
}
