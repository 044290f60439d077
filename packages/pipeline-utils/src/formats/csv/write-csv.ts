import { DataType, type Table } from "apache-arrow";
import { SerialisationError } from "../../errors.js";

const CHUNK_LENGTH = 1 << 18;
const NEEDS_QUOTES = /[",\r\n]/;
const encoder = new TextEncoder();

/**
 * Write a table as CSV: a header line, `\n` line ends, UTF-8, quotes only where RFC 4180 needs them, nulls empty.
 * A Float64 that is an integer is written `4.0`, so that its column is read as Float64 again.
 *
 * @throws {SerialisationError} A column whose type has no form in CSV.
 */
export async function* writeCsv(table: Table): AsyncIterable<Uint8Array> {
  const columns = table.schema.fields.map((field, index) => ({
    vector: table.getChildAt(index),
    text: fieldText(field.name, field.type),
  }));
  let text = `${table.schema.names.map((name) => quoted(String(name))).join(",")}\n`;
  for (let row = 0; row < table.numRows; row++) {
    text += `${columns.map(({ vector, text }) => text(vector?.get(row))).join(",")}\n`;
    if (text.length < CHUNK_LENGTH) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}

function fieldText(name: string, type: DataType): (value: unknown) => string {
  if (DataType.isFloat(type)) {
    return (value) =>
      value === null ? "" : Number.isInteger(value) ? Number(value).toFixed(1) : String(value);
  }
  if (DataType.isInt(type) || DataType.isBool(type)) return (value) => (value === null ? "" : String(value));
  if (DataType.isUtf8(type) || DataType.isDictionary(type)) {
    return (value) => (value === null ? "" : value === "" ? '""' : quoted(String(value)));
  }
  throw new SerialisationError(`column "${name}" is of type ${String(type)}, which has no form in CSV`);
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
