import { type Data } from "apache-arrow";
import { type Fields } from "./fields.js";

/** A column in the making, which takes batch after batch of records. */
export interface ColumnBuilder {
  /** Take a batch of `rows` nulls. */
  appendNulls(rows: number): void;
  /**
   * Take the fields of one column.
   *
   * @returns Whether all had the builder's type; if not, the builder is of no more use.
   */
  append(fields: Fields, column: number): boolean;
  /** The column, one piece of data for each batch; the builder is of no more use. */
  finish(): Data[];
}
