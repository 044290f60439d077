import { type RecordBatch, Table, tableToIPC } from "apache-arrow";
import { type RecordBatch as WasmBatch, type Table as WasmTable } from "parquet-wasm";
import { SerialisationError } from "../../errors.js";
import { portableBatch } from "./portable-batch.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** How to write a Parquet file. */
export interface WriteParquetOptions {
  /** Compression of the pages. Default: `snappy`. */
  readonly compression?: "snappy" | "zstd";
}

/**
 * Write batches of rows as one Parquet file, in row groups of 131,072 rows, in the memory of one row group.
 *
 * @param batches - At least one, all of one schema; taken as they can be written.
 * @throws {SerialisationError} No batch, or a batch that cannot be written; `cause` is the encoder's error.
 */
export async function* writeParquetBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  options: WriteParquetOptions = {},
): AsyncIterable<Uint8Array> {
  const parquet = await import("parquet-wasm");
  const { compression = "snappy" } = options;
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(compression === "zstd" ? parquet.Compression.ZSTD : parquet.Compression.SNAPPY)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .build();
  const pending = wasmBatches(batches, parquet.Table);
  let fault: Error | undefined;
  const input = new ReadableStream<WasmBatch>(
    {
      pull: async (controller) => {
        try {
          const next = await pending.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          fault = error instanceof Error ? error : new Error(String(error));
          controller.error(error);
        }
      },
    },
    { highWaterMark: 1 },
  );
  try {
    const output = (await parquet.transformParquetStream(input, properties)) as ReadableStream<Uint8Array>;
    yield* output;
  } catch (cause) {
    if (fault !== undefined) throw fault;
    throw new SerialisationError(`the batches cannot be written as Parquet: ${String(cause)}`, { cause });
  } finally {
    await pending.return(undefined);
  }
}

/** Batches in the memory of WebAssembly, none of more rows than a row group. */
async function* wasmBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  wasmTable: typeof WasmTable,
): AsyncGenerator<WasmBatch, void, undefined> {
  let isEmpty = true;
  for await (const batch of batches) {
    isEmpty = false;
    for (let start = 0; start === 0 || start < batch.numRows; start += ROW_GROUP_ROWS) {
      const slice = batch.numRows > ROW_GROUP_ROWS ? batch.slice(start, start + ROW_GROUP_ROWS) : batch;
      yield* wasmTable.fromIPCStream(tableToIPC(new Table([portableBatch(slice)]), "stream")).recordBatches();
    }
  }
  if (isEmpty) throw new SerialisationError("there is no batch to write as Parquet, and so no schema");
}
