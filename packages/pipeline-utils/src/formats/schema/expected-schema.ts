/**
 * Type that a column must have.
 *
 * - `number`: any type of integers or floats; every value is finite
 * - `integer`: the same types; every value is an integer. In a column of floats, which round larger integers, every
 *   value is also below 2^53 in magnitude
 * - `boolean`, `text`, `timestamp` (also dates)
 */
export type ExpectedType = "number" | "integer" | "boolean" | "text" | "timestamp";

/** Expected properties of a column. */
export interface ExpectedColumn {
  readonly type: ExpectedType;
  /** Whether values may be missing. Default: false. */
  readonly nullable?: boolean;
  /** Minimum of numbers and integers. */
  readonly minimum?: number;
  /** Maximum of numbers and integers. */
  readonly maximum?: number;
  /** All values that a text may have. */
  readonly categories?: readonly string[];
  /** Pattern that each text matches. */
  readonly pattern?: RegExp;
}

/** Expected columns of a table, by name and in any order. The table may have other columns. */
export type ExpectedSchema = Readonly<Record<string, ExpectedColumn>>;
