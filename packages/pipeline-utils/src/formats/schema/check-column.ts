import { DataType, type Vector } from "apache-arrow";
import { type ExpectedColumn, type ExpectedType } from "./expected-schema.js";
import { shown, shownNames, shownType } from "./shown.js";
import { type Violations } from "./violations.js";

/**
 * Check the type and each value of a column.
 *
 * @param column - Its index, for the place of a value.
 * @param skip - Rows whose value is reported already, and null.
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
  if (!hasBounds(expected)) {
    checkPresence(name, column, vector, expected, violations, skip);
    return;
  }
  const faultOf = faultFinder(expected);
  let row = 0;
  for (const value of vector as Iterable<unknown>) {
    const fault = value === null && skip.has(row) ? undefined : faultOf(value);
    if (fault !== undefined)
      violations.add(row, column, () => `${name} is ${shown(value)}, expected ${fault}`);
    row++;
  }
}

/** Whether more is expected of a value than that it is there. */
function hasBounds({ type, categories, pattern }: ExpectedColumn): boolean {
  if (type === "text") return categories !== undefined || pattern !== undefined;
  return type === "number" || type === "integer";
}

/** The values themselves are not looked at: Arrow throws at a timestamp beyond what a double holds. */
function checkPresence(
  name: string,
  column: number,
  vector: Vector,
  { nullable = false }: ExpectedColumn,
  violations: Violations,
  skip: ReadonlySet<number>,
): void {
  if (nullable || vector.nullCount === 0) return;
  for (let row = 0; row < vector.length; row++) {
    if (vector.isValid(row) || skip.has(row)) continue;
    violations.add(row, column, () => `${name} is ${shown(null)}, expected a value`);
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
      return isText(type) || (DataType.isDictionary(type) && isText(type.dictionary as unknown));
    case "timestamp":
      return DataType.isTimestamp(type) || DataType.isDate(type);
  }
}

function isText(type: unknown): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

/** A function that says what a value should have been, or undefined where it is well. */
function faultFinder(expected: ExpectedColumn): (value: unknown) => string | undefined {
  const { type, nullable = false, minimum = -Infinity, maximum = Infinity, categories, pattern } = expected;
  const allowed = categories && new Set(categories);
  const isInteger = type === "integer";
  return (value) => {
    if (value === null) return nullable ? undefined : "a value";
    if (type === "number" || isInteger) {
      const number = Number(value);
      if (isInteger && !Number.isInteger(number)) return "an integer";
      // A double of that size may stand for another integer, which was rounded to it when it was read.
      if (isInteger && typeof value === "number" && !Number.isSafeInteger(number))
        return "an integer below 2^53";
      if (!Number.isFinite(number)) return "a finite number";
      const exact = typeof value === "bigint" ? value : number;
      if (exact < minimum) return `at least ${minimum}`;
      return exact > maximum ? `at most ${maximum}` : undefined;
    }
    if (typeof value !== "string") return undefined;
    if (allowed?.has(value) === false) return `one of ${shownNames([...allowed])}`;
    return pattern === undefined || matches(pattern, value) ? undefined : `a match of ${String(pattern)}`;
  };
}

/** Whether a text matches, from its beginning also where the pattern is global. */
function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}
