import { isRegExp } from "node:util/types";

import { DataType } from "apache-arrow";
import type { Vector } from "apache-arrow";
import { argumentError, checkOptions, hasOwnNames } from "../argument-error.js";
import type { OptionKinds } from "../argument-error.js";
import { FormatError } from "../errors.js";
import { shown, shownNames, shownType } from "./shown.js";

/** The message of the error has this many violations, and a count of the others. */
const MAX_REPORTED_VIOLATIONS = 20;

/**
 * Type that a column must have.
 *
 * - `number`: any type of integers or floats; every value is finite
 * - `integer`: the same types; every value is an integer. In a column of floats, which round larger integers, every
 *   value is also below 2^53 in magnitude
 * - `boolean`, `text`, `timestamp` (also dates)
 */
export type ExpectedType = "number" | "integer" | "boolean" | "text" | "timestamp";

const EXPECTED_TYPES: readonly ExpectedType[] = ["number", "integer", "boolean", "text", "timestamp"];

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

const EXPECTED_COLUMN: OptionKinds<ExpectedColumn> = {
  type: "other",
  nullable: "boolean",
  minimum: "number",
  maximum: "number",
  categories: "texts",
  pattern: "other",
};

/**
 * Check the option `schema`, for callers without types.
 *
 * @throws {TypeError} The schema is no object, or a column has an unknown rule or one of the wrong type.
 */
export function checkExpectedSchema(schema: ExpectedSchema | undefined): void {
  if (schema === undefined) {
    return;
  }
  if (!hasOwnNames(schema)) {
    throw argumentError("schema", schema, 'an object such as { price: { type: "number" } }');
  }
  const columns: readonly (readonly [string, ExpectedColumn])[] = Object.entries(schema);
  for (const [name, column] of columns) {
    const where = `schema.${name}`;
    checkOptions(column, EXPECTED_COLUMN, where);
    const { type, pattern } = column;
    if (!EXPECTED_TYPES.includes(type)) {
      throw argumentError(`${where}.type`, type, EXPECTED_TYPES.map((known) => `'${known}'`).join(", "));
    }
    if (pattern !== undefined && !isRegExp(pattern)) {
      throw argumentError(`${where}.pattern`, pattern, "a regular expression");
    }
  }
}

/**
 * Check the type and each value of a column.
 *
 * @param column - Index of the column, for the place of a violation.
 * @param violations - Receives the violations.
 * @param skip - Rows that are null because their value was rejected, and reported, before.
 */
export function checkColumn(
  name: string,
  column: number,
  vector: Vector,
  expected: ExpectedColumn,
  violations: Violations,
  skip: ReadonlySet<number> = new Set(),
): void {
  const type = vector.type as DataType; // `any` in Arrow's declarations
  if (!isOfType(type, expected.type) && vector.nullCount < vector.length) {
    violations.addGeneral(
      `column ${JSON.stringify(name)} is of type ${shownType(type)}, expected ${expected.type}${adviceOn(type, expected.type)}`,
    );
    return;
  }
  if (!hasValueRules(expected)) {
    checkPresence(name, column, vector, expected, violations, skip);
    return;
  }
  const expectationOf = valueChecker(expected);
  let row = 0;
  for (const value of vector as Iterable<unknown>) {
    const expectation = value === null && skip.has(row) ? undefined : expectationOf(value);
    if (expectation !== undefined) {
      violations.add(row, column, () => `${name} is ${shown(value)}, expected ${expectation}`);
    }
    row++;
  }
}

function adviceOn(type: DataType, expected: ExpectedType): string {
  const isNumber = expected === "number" || expected === "integer";
  return isNumber && DataType.isDecimal(type) ? '; decimals: "number" reads it as such' : "";
}

/** Whether the values have rules other than being present. */
function hasValueRules({ type, categories, pattern }: ExpectedColumn): boolean {
  if (type === "text") {
    return categories !== undefined || pattern !== undefined;
  }
  return type === "number" || type === "integer";
}

/** Does not read the values, because Arrow throws at a timestamp that a double cannot hold. */
function checkPresence(
  name: string,
  column: number,
  vector: Vector,
  { nullable = false }: ExpectedColumn,
  violations: Violations,
  skip: ReadonlySet<number>,
): void {
  if (nullable || vector.nullCount === 0) {
    return;
  }
  for (let row = 0; row < vector.length; row++) {
    if (!vector.isValid(row) && !skip.has(row)) {
      violations.add(row, column, () => `${name} is ${shown(null)}, expected a value`);
    }
  }
}

function isOfType(type: DataType, expected: ExpectedType): boolean {
  switch (expected) {
    case "number":
    case "integer":
      return DataType.isInt(type) || DataType.isFloat(type);
    case "boolean":
      return DataType.isBool(type);
    case "text":
      return isTextType(type) || (DataType.isDictionary(type) && isTextType(type.dictionary as unknown));
    case "timestamp":
      return DataType.isTimestamp(type) || DataType.isDate(type);
  }
}

function isTextType(type: unknown): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

/** A function that returns the expectation that a value violates, or undefined for a valid value. */
function valueChecker(expected: ExpectedColumn): (value: unknown) => string | undefined {
  const { type, nullable = false, minimum = -Infinity, maximum = Infinity, categories, pattern } = expected;
  const allowed = categories && new Set(categories);
  const isInteger = type === "integer";
  return (value) => {
    if (value === null) {
      return nullable ? undefined : "a value";
    }
    if (type === "number" || isInteger) {
      const number = Number(value);
      if (isInteger && !Number.isInteger(number)) {
        return "an integer";
      }
      // A double of this size can stand for another integer, which was rounded when it was read.
      if (isInteger && typeof value === "number" && !Number.isSafeInteger(number)) {
        return "an integer below 2^53";
      }
      if (!Number.isFinite(number)) {
        return "a finite number";
      }
      const exact = typeof value === "bigint" ? value : number;
      if (exact < minimum) {
        return `at least ${minimum}`;
      }
      return exact > maximum ? `at most ${maximum}` : undefined;
    }
    if (typeof value !== "string") {
      return undefined;
    }
    if (allowed?.has(value) === false) {
      return `one of ${shownNames([...allowed])}`;
    }
    return pattern === undefined || matches(pattern, value) ? undefined : `a match of ${String(pattern)}`;
  };
}

/** Whether a text matches. A global pattern would otherwise continue where its last match ended. */
function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** A value that violates the schema. */
interface Violation {
  readonly row: number;
  readonly column: number;
  readonly message: string;
}

/** Names the place of a value, such as `line 12` or `row 11`. */
export type Locate = (row: number, column: number) => string;

/** Collects all violations of a file, so that one error reports them together. */
export class Violations {
  /** Violations of the whole file, such as missing columns. */
  readonly #general: string[] = [];
  readonly #placed: Violation[] = [];
  /** Count of the kept violations of each column. */
  readonly #kept = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  addGeneral(message: string): void {
    this.#general.push(message);
    this.#count++;
  }

  /**
   * Add a violation that has a place.
   *
   * Columns are checked one after another, but the report has the violations of the first rows. Each column therefore
   * keeps its first ones.
   *
   * @param message - Called only if the violation is kept.
   */
  add(row: number, column: number, message: () => string): void {
    this.#count++;
    const kept = this.#kept.get(column) ?? 0;
    if (kept === MAX_REPORTED_VIOLATIONS) {
      return;
    }
    this.#kept.set(column, kept + 1);
    this.#placed.push({ row, column, message: message() });
  }

  /** @throws {FormatError} There are violations. Its message is one line with the first of them and their places. */
  throwIfAny(address: string, locate: Locate): void {
    if (this.#count === 0) {
      return;
    }
    const placed = this.#placed
      .sort((a, b) => a.row - b.row || a.column - b.column)
      .slice(0, Math.max(0, MAX_REPORTED_VIOLATIONS - this.#general.length))
      .map(({ row, column, message }) => `${locate(row, column)}: ${message}`);
    const reported = [...this.#general.slice(0, MAX_REPORTED_VIOLATIONS), ...placed];
    if (this.#count === 1) {
      throw new FormatError(`${address}${this.#general.length === 1 ? ":" : ""} ${reported[0] ?? ""}`);
    }
    const rest = this.#count - reported.length;
    throw new FormatError(
      `${address}: ${this.#count} values or columns are not as expected: ${reported.join("; ")}` +
        (rest > 0 ? `; and ${rest} more` : ""),
    );
  }
}
