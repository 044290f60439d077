/**
 * What a column must be.
 *
 * - `number`: any type of integers or floats; every value is finite
 * - `integer`: the same; every value is an integer, and below 2^53 in magnitude where the column is of floats, which round others
 * - `boolean`, `text`, `timestamp` (also dates)
 */
export type ExpectedType = "number" | "integer" | "boolean" | "text" | "timestamp";

/** What is expected of a column. */
export interface ExpectedColumn {
  readonly type: ExpectedType;
  /** Whether values may be missing. Default: false. */
  readonly nullable?: boolean;
  /** Least value, of numbers and integers. */
  readonly minimum?: number;
  /** Greatest value, of numbers and integers. */
  readonly maximum?: number;
  /** All values there may be, of text. */
  readonly categories?: readonly string[];
  /** What each value matches, of text. */
  readonly pattern?: RegExp;
}

/** What is expected of a table: columns by name, in any order. Other columns may stand beside them. */
export type ExpectedSchema = Readonly<Record<string, ExpectedColumn>>;
