import { type RecordBatch, type Schema, Table } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { checkColumn } from "../schema/check-column.js";
import { type ExpectedSchema } from "../schema/expected-schema.js";
import { shownNames } from "../schema/shown.js";
import { Violations } from "../schema/violations.js";
import { type ByteRanges } from "./byte-ranges.js";
import { type ParquetFile } from "./parquet-file.js";
import { openParquet, type ReadParquetBatchesOptions } from "./read-parquet-batches.js";

/** How to read a Parquet file. */
export interface ReadParquetOptions extends ReadParquetBatchesOptions {
  /** What the columns must be. All that is otherwise is told at once, by row, and nothing is returned. */
  readonly schema?: ExpectedSchema;
}

/** The most that is read as one table, in bytes of encoded pages before compression. */
const MAX_TABLE_BYTES = 2 ** 31;

/**
 * Read a Parquet file into an Arrow Table.
 *
 * @param source - As of `readParquetBatches`.
 * @returns All rows, in batches of at most 131,072.
 * @throws {FormatError} As of `readParquetBatches`; more than 2 GiB of pages, for which there is `readParquetBatches`; and
 *   values that are not of the schema.
 */
export async function readParquet(
  source: AsyncIterable<Uint8Array> | ByteRanges,
  options: ReadParquetOptions = {},
): Promise<Table> {
  return readTable(await openParquet(source, options), options);
}

/** As `readParquet`, of an open file. */
export async function readTable(
  file: ParquetFile,
  { address = "Parquet", signal, columns, schema = {} }: ReadParquetOptions,
  maxBytes = MAX_TABLE_BYTES,
): Promise<Table> {
  const { bytes } = file;
  if (bytes > maxBytes) {
    throw new FormatError(
      `${address}: the table has ${bytes} bytes, of which readParquet takes at most ${maxBytes}; read it by readParquetBatches, or fewer columns`,
    );
  }
  const batches: RecordBatch[] = [];
  for (let index = 0; index < file.rowGroups; index++) {
    signal?.throwIfAborted();
    batches.push(...(await file.read(index)));
  }
  const table = batches.length > 0 ? new Table(batches) : emptyTable(file.schema, columns);
  checkTable(table, schema, address);
  return table;
}

function emptyTable(schema: Schema, columns: readonly string[] | undefined): Table {
  const table = new Table(schema);
  return columns === undefined ? table : table.select([...columns]);
}

function checkTable(table: Table, schema: ExpectedSchema, address: string): void {
  const violations = new Violations();
  const names = table.schema.fields.map(({ name }) => name);
  for (const [name, expected] of Object.entries(schema)) {
    const vector = table.getChild(name);
    if (vector === null) {
      violations.addGeneral(`column ${JSON.stringify(name)} is missing, found ${shownNames(names)}`);
    } else checkColumn(name, names.indexOf(name), vector, expected, violations);
  }
  violations.throwIfAny(address, (row) => `row ${row + 1}`);
}
