import { Table } from "apache-arrow";
import type { RecordBatch, Schema } from "apache-arrow";
import { argumentError, checkOptions } from "../../argument-error.js";
import { FormatError } from "../../errors.js";
import type { ByteSource } from "../byte-source.js";
import { checkColumn, Violations } from "../expected-schema.js";
import type { ExpectedSchema } from "../expected-schema.js";
import { READ_PARQUET_BATCHES_OPTIONS, READ_PARQUET_OPTIONS } from "../options.js";
import type { ReadParquetBatchesOptions, ReadParquetOptions } from "../options.js";
import { shownNames } from "../shown.js";
import { openRanges } from "./byte-ranges.js";
import type { ByteRanges } from "./byte-ranges.js";
import { ParquetFile } from "./parquet-file.js";

/** Maximum of a whole table, in bytes of encoded pages before compression. */
const MAX_TABLE_BYTES = 2 ** 31;

/**
 * Read a Parquet file into an Arrow Table.
 *
 * @param source - The file's bytes or ranges of them, as for `readParquetBatches`.
 * @returns All rows, in batches of at most 131,072.
 * @throws {FormatError} As `readParquetBatches`. Also for more than 2 GiB of pages, which `readParquetBatches` can
 *   read, and for values that violate `schema`.
 * @throws {TypeError} An option is unknown, or `source` is no source, in a caller without types.
 */
export async function readParquet(
  source: ByteSource | ByteRanges,
  options: ReadParquetOptions = {},
): Promise<Table> {
  checkOptions(options, READ_PARQUET_OPTIONS);
  return readWholeParquet(source, options);
}

/** Read a Parquet file, as `readParquet` does. Options with other names are ignored. */
export async function readWholeParquet(
  source: ByteSource | ByteRanges,
  options: ReadParquetOptions,
): Promise<Table> {
  return readParquetTable(await openParquet(source, options), options);
}

/**
 * Read a Parquet file batch by batch, with one row group in memory at a time.
 *
 * @param source - Ranges of the file or a Blob, so that the whole file is never in memory; or the bytes, in one piece or
 *   as a stream, which is kept in memory in compressed form.
 * @returns Batches of at most 131,072 rows; none for a file without rows.
 * @throws {FormatError} The bytes are not Parquet, a column is missing, or a row group has more than 512 MiB of pages
 *   or 1 GiB of values. Also for a column that has a group without fields, or INT96 timestamps that neither microseconds
 *   nor nanoseconds represent exactly.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function* readParquetBatches(
  source: ByteSource | ByteRanges,
  options: ReadParquetBatchesOptions = {},
): AsyncIterable<RecordBatch> {
  checkOptions(options, READ_PARQUET_BATCHES_OPTIONS);
  const file = await openParquet(source, options);
  for (let index = 0; index < file.rowGroups; index++) {
    options.signal?.throwIfAborted();
    yield* await file.read(index);
  }
}

async function openParquet(
  source: ByteSource | ByteRanges,
  { address = "Parquet", signal, columns, decimals = "exact" }: ReadParquetBatchesOptions,
): Promise<ParquetFile> {
  // For callers without types.
  if (!["exact", "number"].includes(decimals)) {
    throw argumentError("decimals", decimals, "'exact' or 'number'");
  }
  return ParquetFile.open(await openRanges(source, signal), { address, columns, decimals, signal });
}

/** Read all rows of an open file, as `readParquet` does. */
export async function readParquetTable(
  file: ParquetFile,
  { address = "Parquet", signal, columns, schema = {} }: ReadParquetOptions,
  maxBytes = MAX_TABLE_BYTES,
): Promise<Table> {
  const { bytes } = file;
  if (bytes > maxBytes) {
    throw new FormatError(
      `${address}: the table has ${bytes} bytes, more than the ${maxBytes} that readParquet reads; ` +
        "use readParquetBatches, or read fewer columns",
    );
  }
  const batches: RecordBatch[] = [];
  for (let index = 0; index < file.rowGroups; index++) {
    signal?.throwIfAborted();
    batches.push(...(await file.read(index)));
  }
  const table = batches.length > 0 ? new Table(batches) : emptyTable(file.schema, columns);
  checkSchema(table, schema, address);
  return table;
}

function emptyTable(schema: Schema, columns: readonly string[] | undefined): Table {
  const table = new Table(schema);
  return columns === undefined ? table : table.select([...columns]);
}

function checkSchema(table: Table, schema: ExpectedSchema, address: string): void {
  const violations = new Violations();
  const names = table.schema.fields.map(({ name }) => name);
  for (const [name, expected] of Object.entries(schema)) {
    const vector = table.getChild(name);
    if (vector === null) {
      violations.addGeneral(`column ${JSON.stringify(name)} is missing, found ${shownNames(names)}`);
    } else {
      checkColumn(name, names.indexOf(name), vector, expected, violations);
    }
  }
  violations.throwIfAny(address, (row) => `row ${row + 1}`);
}
