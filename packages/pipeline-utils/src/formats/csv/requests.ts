import { Bool, type DataType, Float64, TimestampMicrosecond, Utf8 } from "apache-arrow";
import { type ExpectedSchema, type ExpectedType } from "../schema/expected-schema.js";
import { shownNames } from "../schema/shown.js";
import { type Violations } from "../schema/violations.js";
import { type ColumnRequest } from "./columns.js";

/** What is asked of a file's columns, by name. */
export interface Requests {
  readonly columnTypes: Readonly<Record<string, DataType>>;
  readonly schema: ExpectedSchema;
}

/** The type that a column is read as for what is expected of it, so that it never depends on the values. */
const TYPES: Readonly<Record<ExpectedType, DataType>> = {
  number: new Float64(),
  integer: new Float64(),
  boolean: new Bool(),
  text: new Utf8(),
  timestamp: new TimestampMicrosecond("UTC"),
};

/** The requests for the columns of a header; columns that are asked for and not there are violations. */
export function requestsOf(
  names: readonly string[],
  { columnTypes, schema }: Requests,
  violations: Violations,
): ColumnRequest[] {
  for (const name of new Set([...Object.keys(columnTypes), ...Object.keys(schema)])) {
    if (names.includes(name)) continue;
    violations.addGeneral(`column ${JSON.stringify(name)} is missing, found ${shownNames(names)}`);
  }
  return names.map((name) => {
    const expected = Object.hasOwn(schema, name) ? schema[name] : undefined;
    const asked = Object.hasOwn(columnTypes, name) ? columnTypes[name] : undefined;
    return { name, expected, type: asked ?? (expected && TYPES[expected.type]) };
  });
}
