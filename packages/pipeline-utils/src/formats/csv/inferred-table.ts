import { Bool, Float64, Int32, Table, Utf8, vectorFromArray, type Vector } from "apache-arrow";

const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const BOOLEANS = new Map([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
]);

/** A table of records of text, each column in the narrowest type that holds all its values. */
export function inferredTable(names: readonly string[], records: readonly (readonly string[])[]): Table {
  const columns: Record<string, Vector> = {};
  names.forEach((name, index) => {
    columns[name] = inferredColumn(records.map((record) => record[index] ?? ""));
  });
  return new Table(columns);
}

function inferredColumn(values: readonly string[]): Vector {
  const present = values.filter((value) => value !== "");
  const convert = <T>(as: (value: string) => T): (T | null)[] =>
    values.map((value) => (value === "" ? null : as(value)));
  if (present.every((value) => INTEGER.test(value))) {
    const numbers = present.map(Number);
    if (numbers.length > 0 && numbers.every((number) => (number | 0) === number)) {
      return vectorFromArray(convert(Number), new Int32());
    }
    if (numbers.every((number) => Number.isSafeInteger(number)))
      return vectorFromArray(convert(Number), new Float64());
    return vectorFromArray(convert(String), new Utf8());
  }
  if (present.every((value) => DECIMAL.test(value))) return vectorFromArray(convert(Number), new Float64());
  if (present.every((value) => BOOLEANS.has(value))) {
    return vectorFromArray(
      convert((value) => BOOLEANS.get(value) ?? null),
      new Bool(),
    );
  }
  return vectorFromArray(convert(String), new Utf8());
}
