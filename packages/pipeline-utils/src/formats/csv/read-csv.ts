import { type Table } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { collectBytes } from "../collect-bytes.js";
import { inferredTable } from "./inferred-table.js";

/** How to read a CSV file. */
export interface ReadCsvOptions {
  /** Where the bytes come from, as `s3://bucket/key`; begins every error's message. Default: `CSV`. */
  readonly address?: string;
  /** Stops the reading; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Read a CSV file (RFC 4180, UTF-8, a header line) into an Arrow Table.
 *
 * Types are those of whole columns: numbers are Int32 where all are integers that fit, else Float64; `true` and
 * `false` (also `True`, `TRUE`, as pandas has it) are Bool; all else is Utf8, as written. Empty fields are null.
 *
 * @param source - The file's bytes, in chunks of any size.
 * @throws {FormatError} A malformed file; the message gives the address, the line (from 1) and what was found.
 */
export async function readCsv(
  source: AsyncIterable<Uint8Array>,
  options: ReadCsvOptions = {},
): Promise<Table> {
  const address = options.address ?? "CSV";
  const bytes = await collectBytes(source, options.signal);
  if (bytes.length === 0) throw new FormatError(`${address}: the file is empty, expected a header line`);
  const { default: papa } = await import("papaparse");
  const { data, errors } = papa.parse<string[]>(decode(bytes, address), {
    delimiter: ",",
    newline: bytes.includes(13) ? "\r\n" : "\n",
  });
  const lines = linesOf(data);
  const [fault] = errors.filter((error) => error.type === "Quotes");
  if (fault !== undefined) {
    throw new FormatError(`${address} line ${lines[fault.row ?? 0] ?? 1}: ${fault.message}`);
  }
  const [names = [], ...rows] = data;
  checkNames(names, address);
  const records = rows.filter((row, index) => {
    if (row.length === 1 && row[0] === "") return names.length === 1 && index < rows.length - 1;
    if (row.length === names.length) return true;
    throw new FormatError(
      `${address} line ${lines[index + 1] ?? 0}: found ${row.length} fields, expected ${names.length}`,
    );
  });
  return inferredTable(names, records);
}

function decode(bytes: Uint8Array, address: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${address}: the file is not valid UTF-8`, { cause });
  }
}

/** The line on which each record starts, from 1: line breaks inside quotes count. */
function linesOf(rows: readonly (readonly string[])[]): number[] {
  let line = 1;
  return rows.map((row) => {
    const start = line;
    line += 1;
    for (const field of row) line += field.split("\n").length - 1;
    return start;
  });
}

function checkNames(names: readonly string[], address: string): void {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name === "") throw new FormatError(`${address} line 1: column ${index + 1} has no name`);
    if (seen.has(name)) throw new FormatError(`${address} line 1: two columns are named "${name}"`);
    seen.add(name);
  }
}
