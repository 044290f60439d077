import type { RecordBatch, Table } from "apache-arrow";
import { argumentError, checkOptions } from "../../argument-error.js";
import { SerialisationError } from "../../errors.js";
import { emptyBatch } from "../arrow-data.js";
import { WRITE_PARQUET_OPTIONS } from "../options.js";
import type { ParquetCompression, WriteParquetOptions } from "../options.js";
import { ownBatch, ownTable } from "../own-arrow.js";
import { encodableBatches } from "./encodable-batches.js";
import { FILE_META_DATA, structList, withFields } from "./footer-fields.js";
import { footerBytes, footerOf, MAGIC } from "./footer.js";
import type { Footer } from "./footer.js";
import { isTrap } from "./parquet-wasm.js";
import { encodeRowGroup, groupRows } from "./row-group-writer.js";
import { movedRowGroup, ROW_GROUP_BYTES, ROW_GROUP_ROWS } from "./row-group.js";
import type { ThriftStruct } from "./thrift.js";

/**
 * Write a table as Parquet, in row groups of 131,072 rows, or of fewer rows where these have more than 128 MiB.
 *
 * @param table - A table of any copy of apache-arrow.
 * @throws {SerialisationError} The table has no columns, two columns of one name, or a type that Parquet does not have.
 * @throws {TypeError} `table` is not a Table, in a caller without types.
 */
export function writeParquet(table: Table, options: WriteParquetOptions = {}): AsyncIterable<Uint8Array> {
  checkOptions(options, WRITE_PARQUET_OPTIONS);
  const { batches, schema } = ownTable(table, "table");
  return writeParquetBatches(batches.length > 0 ? batches : [emptyBatch(schema)], options);
}

/**
 * Write batches of rows as one Parquet file, with one row group in memory at a time. Row groups have 131,072 rows, or
 * fewer where these have more than 128 MiB.
 *
 * Each row group is encoded as a file of its own, and everything but its footer is passed on. The last bytes are one
 * footer for all of them.
 *
 * @param batches - At least one, all of one schema, of any number of rows and any copy of apache-arrow. Each is taken
 *   when it can be written.
 * @throws {SerialisationError} No batch, different schemas, no columns, duplicate names, or a type that Parquet does
 *   not have. `cause` is the encoder's error.
 * @throws {TypeError} Another `compression`, or `batches` that are no RecordBatches, in a caller without types.
 */
export async function* writeParquetBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  options: WriteParquetOptions = {},
): AsyncIterable<Uint8Array> {
  checkOptions(options, WRITE_PARQUET_OPTIONS);
  const { compression = "snappy" } = options;
  const groups: ThriftStruct[] = [];
  let footer: Footer | undefined;
  let offset = MAGIC.length;
  let rows = 0;
  checkCompression(compression);
  yield Buffer.from(MAGIC);
  const maxGroup = { rows: ROW_GROUP_ROWS, bytes: ROW_GROUP_BYTES };
  for await (const rowsOfGroup of groupRows(encodableBatches(ownBatches(batches)), maxGroup)) {
    const file = encode(rowsOfGroup, compression);
    const { footer: groupFooter, start } = footerOf(file);
    yield file.subarray(MAGIC.length, start);
    for (const group of groupFooter.rowGroups) {
      groups.push(movedRowGroup(group, offset - MAGIC.length, groups.length));
      rows += group.rows;
    }
    offset += start - MAGIC.length;
    footer ??= groupFooter;
  }
  if (footer === undefined) {
    throw new SerialisationError("there is no batch to write as Parquet, and therefore no schema");
  }
  yield footerBytes(
    withFields(footer.struct, {
      [FILE_META_DATA.rows]: BigInt(rows),
      [FILE_META_DATA.rowGroups]: structList(groups),
    }),
  );
}

async function* ownBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncIterable<RecordBatch> {
  if (!isIterable(batches)) {
    throw argumentError("batches", batches, "an iterable of RecordBatches");
  }
  for await (const batch of batches) {
    yield ownBatch(batch, "a batch");
  }
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

/** For callers without types: the encoder would use snappy for any other value. */
function checkCompression(compression: unknown): void {
  if (compression !== "snappy" && compression !== "zstd") {
    throw argumentError("compression", compression, "'snappy' or 'zstd'");
  }
}

function encode(batches: readonly RecordBatch[], compression: ParquetCompression): Uint8Array {
  try {
    return encodeRowGroup(batches, compression);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    // The message of a trap is only "unreachable".
    const reason = isTrap(cause) ? `a row is larger than the encoder's memory (${message})` : message;
    throw new SerialisationError(`the table cannot be written as Parquet: ${reason}`, { cause });
  }
}
