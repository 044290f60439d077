import { type RecordBatch } from "apache-arrow";
import { argumentError } from "../../argument-error.js";
import { SerialisationError } from "../../errors.js";
import { FileMetaData, listOf, RowGroup, withFields } from "./footer-fields.js";
import { type Footer, footerBytes, footerOf, MAGIC } from "./footer.js";
import { groupRows } from "./row-grouping.js";
import { type ParquetCompression, rowGroupFile } from "./row-group-file.js";
import { isTrap } from "./parquet-wasm.js";
import { ofOneSchema } from "./of-one-schema.js";
import { ROW_GROUP_BYTES, ROW_GROUP_ROWS } from "./row-group-rows.js";
import { shiftChunk } from "./shift-chunk.js";
import { type ThriftStruct } from "./thrift-value.js";

const ROW_GROUP_SIZE = { rows: ROW_GROUP_ROWS, bytes: ROW_GROUP_BYTES };

/** How to write a Parquet file. */
export interface WriteParquetOptions {
  /** Compression of the pages. Default: `snappy`. */
  readonly compression?: ParquetCompression;
}

/**
 * Write batches of rows as one Parquet file, in row groups of 131,072 rows, or of fewer where these have more than 128 MiB, in the
 * memory of one row group.
 *
 * Each row group is encoded as a file of its own, of which all but the footer is passed on; the last bytes are a footer
 * of all of them.
 *
 * @param batches - At least one, all of one schema, of any number of rows; taken as they can be written.
 * @throws {SerialisationError} No batch, batches of several schemas, no columns or two of one name, or a type that Parquet has
 *   not; `cause` is the encoder's error.
 * @throws {TypeError} Another `compression`, in a caller without types.
 */
export async function* writeParquetBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  { compression = "snappy" }: WriteParquetOptions = {},
): AsyncIterable<Uint8Array> {
  const groups: ThriftStruct[] = [];
  let footer: Footer | undefined;
  let offset = MAGIC.length;
  let rows = 0;
  checkCompression(compression);
  yield Buffer.from(MAGIC);
  for await (const group of groupRows(ofOneSchema(batches), ROW_GROUP_SIZE)) {
    const file = encoded(group, compression);
    const { footer: ofGroup, start } = footerOf(file);
    yield file.subarray(MAGIC.length, start);
    for (const { struct, rows: count, chunks } of ofGroup.rowGroups) {
      groups.push(
        moved(
          struct,
          chunks.map((chunk) => chunk.struct),
          offset - MAGIC.length,
          groups.length,
        ),
      );
      rows += count;
    }
    offset += start - MAGIC.length;
    footer ??= ofGroup;
  }
  if (footer === undefined)
    throw new SerialisationError("there is no batch to write as Parquet, and so no schema");
  yield footerBytes(
    withFields(footer.struct, {
      [FileMetaData.rows]: BigInt(rows),
      [FileMetaData.rowGroups]: listOf(groups),
    }),
  );
}

/** For callers without types: another would be taken for snappy. */
function checkCompression(compression: unknown): void {
  if (compression !== "snappy" && compression !== "zstd")
    throw argumentError("compression", compression, "'snappy' or 'zstd'");
}

function encoded(batches: readonly RecordBatch[], compression: ParquetCompression): Uint8Array {
  try {
    return rowGroupFile(batches, compression);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    // A trap of WebAssembly says no more than "unreachable".
    const reason = isTrap(cause) ? `a row is larger than the encoder's memory (${message})` : message;
    throw new SerialisationError(`the table cannot be written as Parquet: ${reason}`, { cause });
  }
}

/** A row group's entry in the footer of a file in which it stands later, as its `ordinal`-th. */
function moved(
  group: ThriftStruct,
  chunks: readonly ThriftStruct[],
  by: number,
  ordinal: number,
): ThriftStruct {
  const fileOffset = group.get(RowGroup.fileOffset)?.value;
  return withFields(group, {
    [RowGroup.columns]: listOf(chunks.map((chunk) => shiftChunk(chunk, by))),
    [RowGroup.ordinal]: BigInt(ordinal),
    [RowGroup.fileOffset]: typeof fileOffset === "bigint" ? fileOffset + BigInt(by) : undefined,
  });
}
