import { type Vector } from "apache-arrow";
import { type ExpectedColumn } from "./expected-schema.js";
import { type Violations } from "./violations.js";

/**
 * Check each value of a column that is of the expected type.
 *
 * @param skip - Rows that are reported already.
 */
export function checkValues(
  name: string,
  column: number,
  vector: Vector,
  expected: ExpectedColumn,
  violations: Violations,
  skip: ReadonlySet<number> = new Set(),
): void {
  const faultOf = faultFinder(expected);
  let row = 0;
  for (const value of vector as Iterable<unknown>) {
    const fault = value === null && skip.has(row) ? undefined : faultOf(value);
    if (fault !== undefined)
      violations.add(row, column, () => `${name} is ${shown(value)}, expected ${fault}`);
    row++;
  }
}

/** A function that says what a value should have been, or undefined where it is well. */
function faultFinder(expected: ExpectedColumn): (value: unknown) => string | undefined {
  const { type, nullable = false, minimum = -Infinity, maximum = Infinity, categories, pattern } = expected;
  const allowed = categories && new Set(categories);
  return (value) => {
    if (value === null) return nullable ? undefined : "a value";
    if (type === "number" || type === "integer") {
      const number = Number(value);
      if (type === "integer" ? !Number.isInteger(number) : !Number.isFinite(number)) {
        return type === "integer" ? "an integer" : "a finite number";
      }
      if (number < minimum) return `at least ${minimum}`;
      return number > maximum ? `at most ${maximum}` : undefined;
    }
    if (typeof value !== "string") return undefined;
    if (allowed?.has(value) === false) return `one of ${[...allowed].join(", ")}`;
    return pattern === undefined || matches(pattern, value) ? undefined : `a match of ${String(pattern)}`;
  };
}

/** Whether a text matches, from its beginning also where the pattern is global. */
function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** A value as it reads in a message. */
export function shown(value: unknown): string {
  if (value === null) return "missing";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  const text = typeof value === "string" ? value : Object.prototype.toString.call(value);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
