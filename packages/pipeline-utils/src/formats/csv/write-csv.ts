import { DataType } from "apache-arrow";
import type { Data, Field, RecordBatch, Table } from "apache-arrow";
import { SerialisationError } from "../../errors.js";
import { nullTest } from "../arrow-data.js";
import { ownTable } from "../own-arrow.js";
import { shownType } from "../shown.js";
import { writableNames } from "../writable-names.js";
import { ASCII } from "./ascii.js";
import { MAX_RECORD_BYTES } from "./blocks.js";
import { ByteSink } from "./byte-sink.js";
import { fieldWriter, isWritable, putQuotedText, putText } from "./field-writer.js";
import { MAX_COLUMNS } from "./record-scanner.js";

const { COMMA, LINE_FEED } = ASCII;

const CHUNK_BYTES = 1 << 18;
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Write a table as CSV (RFC 4180, UTF-8, a header line, `\n`), in chunks of about 256 KiB, whatever the table's size.
 *
 * `readCsv` restores the same table. It needs `columnTypes` for columns without a value, and for types that it does not
 * infer (other integers and floats, dates, timestamps, dictionaries).
 *
 * - A Float64 has a point (`4.0`), in the shortest form that reads as the same double. Floats that are not finite are
 *   `NaN`, `Infinity` and `-Infinity`.
 * - A text that looks like null, a number or a truth value is in quotes.
 * - Nulls are empty, truth values `true` and `false`, dates `2021-07-24`.
 * - Timestamps are `2021-07-24T09:56:42.718Z`, in UTC; without the `Z` if the type has no zone.
 *
 * @param table - A table of any copy of apache-arrow.
 * @throws {TypeError} `table` is not a Table, in a caller without types.
 * @throws {SerialisationError} In these cases:
 *
 * - a column of another type (nested, binary, decimal, time of day, Float16);
 * - a date outside the years 0000 to 9999;
 * - names that are empty, duplicate or not valid Unicode;
 * - a table that `readCsv` rejects: no columns, more than 16,384 columns, or a row of 32 MiB or more.
 */
export async function* writeCsv(table: Table): AsyncIterable<Uint8Array> {
  const { schema, batches } = ownTable(table, "table");
  const names = writableNames(schema, "CSV");
  checkColumns(schema.fields);
  const sink = new ByteSink(CHUNK_BYTES + CHUNK_BYTES / 4);
  const encoder = new TextEncoder();
  // A reader removes one byte order mark from the file; a name that begins with one needs another.
  if (names[0]?.startsWith(BYTE_ORDER_MARK) === true) {
    sink.putBytes(encoder.encode(BYTE_ORDER_MARK));
  }
  names.forEach((name, index) => {
    if (index > 0) {
      sink.put(COMMA);
    }
    const bytes = encoder.encode(name);
    // A reader takes the only name, with a semicolon in it, for several.
    const put = names.length === 1 && name.includes(";") ? putQuotedText : putText;
    put(sink, bytes, 0, bytes.length);
  });
  sink.put(LINE_FEED);
  let row = 0;
  for (const batch of batches) {
    yield* writeRows(names, batch, row, sink);
    row += batch.numRows;
  }
  yield sink.take();
}

/** @param firstRow - Index of the batch's first row in the table, for errors. */
function* writeRows(
  names: readonly string[],
  batch: RecordBatch,
  firstRow: number,
  sink: ByteSink,
): Iterable<Uint8Array> {
  const columns = batch.data.children.map((data: Data, index) => ({
    write: fieldWriter(names[index]!, data),
    isNull: nullTest(data),
  }));
  const { numRows } = batch;
  for (let row = 0; row < numRows; row++) {
    const start = sink.used;
    for (let index = 0; index < columns.length; index++) {
      const { write, isNull } = columns[index]!;
      if (index > 0) {
        sink.put(COMMA);
      }
      if (!isNull?.(row)) {
        write(sink, row);
      }
    }
    sink.put(LINE_FEED);
    if (sink.used - start >= MAX_RECORD_BYTES) {
      throw new SerialisationError(
        `row ${firstRow + row + 1} has ${sink.used - start} bytes as CSV, and only rows of less than ${MAX_RECORD_BYTES} can be read again`,
      );
    }
    if (sink.used >= CHUNK_BYTES) {
      yield sink.take();
    }
  }
}

function checkColumns(fields: readonly Field<DataType>[]): void {
  if (fields.length > MAX_COLUMNS) {
    throw new SerialisationError(
      `the table has ${fields.length} columns, and at most ${MAX_COLUMNS} can be read again from CSV`,
    );
  }
  for (const [index, { name, type }] of fields.entries()) {
    if (name === "") {
      throw new SerialisationError(`column ${index + 1} of ${fields.length} has no name`);
    }
    if (isWritable(type)) {
      continue;
    }
    const advice = DataType.isDecimal(type) ? '; decimals: "number" reads Parquet\'s as numbers' : "";
    throw new SerialisationError(
      `column ${JSON.stringify(name)} is of type ${shownType(type)}, which has no form in CSV${advice}`,
    );
  }
}
