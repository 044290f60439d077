import type { JsonObject, JsonValue } from "../aws/models/json-value.js";

/** Render rows as columns that are aligned, two spaces between them. Without rows, only the heads are shown. */
export function renderTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return align([heads.map((head) => head.toUpperCase()), ...rows]);
}

/** Render names and values as two columns. Entries without a value are left out. */
export function renderFields(fields: Readonly<Record<string, string | undefined>>): string {
  return align(
    Object.entries(fields).flatMap(([field, value]) =>
      value === undefined || value === "" ? [] : [[field, value]],
    ),
  );
}

function align(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A number in at most six significant digits, as people read it. */
export function showNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Metrics or parameters on one line: `r_squared 0.974, mean_absolute_error 0.915`. */
export function showValues(values: JsonObject): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${showValue(value)}`)
    .join(", ");
}

/** A JSON value as short text. */
export function showValue(value: JsonValue): string {
  if (typeof value === "number") {
    return showNumber(value);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
