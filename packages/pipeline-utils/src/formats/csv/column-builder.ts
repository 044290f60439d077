import { type Data } from "apache-arrow";
import { type ColumnMemory } from "./column-memory.js";
import { type Fields } from "./fields.js";
import { type TextBatch } from "./text-batch.js";

/** A column in the making, which takes batch after batch of records. */
export interface ColumnBuilder {
  /**
   * Take the fields of one column.
   *
   * @returns Whether they were taken. If not, the builder takes them the next time, when no numbers were parsed in them.
   */
  append(fields: Fields, column: number, memory: ColumnMemory): boolean;
  /**
   * The first batch that was not taken yet, in its final form, when all have been appended. The builder lets go of it, so
   * that the columns of a file are never in memory in both forms.
   *
   * @param again - Reads the fields of that batch again, no numbers parsed in them.
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
  /** Batches that were not taken. */
  readonly batches: number;
  /** Whether the builder knows how the values of the last batch were written. */
  readonly keepsTexts: boolean;
  /** In place of `takeBatch`: the texts, as they were written; undefined where that is not known. */
  takeTexts(): TextBatch | undefined;
}
