import { DataType } from "apache-arrow";
import type { Vector } from "apache-arrow";
import type { ExpectedColumn, ExpectedType } from "./expected-schema.js";
import { shown, shownNames, shownType } from "./shown.js";
import type { Violations } from "./violations.js";

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
      `column ${JSON.stringify(name)} is of type ${shownType(type)}, expected ${expected.type}`,
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
