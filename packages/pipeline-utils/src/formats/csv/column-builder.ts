import { type Data } from "apache-arrow";
import { type Fields } from "./fields.js";

/** A column in the making, which takes batch after batch of records. */
export interface ColumnBuilder {
  /**
   * Take the fields of one column.
   *
   * @returns Whether all had the builder's type; if not, the builder is of no more use.
   */
  append(fields: Fields, column: number): boolean;
  /**
   * The first batch that was not taken yet, in its final form, when all have been appended. The builder lets go of it, so
   * that the columns of a file are never in memory in both forms.
   */
  takeBatch(): Data;
}

/** A builder that is chosen at a column's first value, after batches without one. */
export interface LateBuilder extends ColumnBuilder {
  /** Take a batch of `rows` nulls. */
  appendNulls(rows: number): void;
}
