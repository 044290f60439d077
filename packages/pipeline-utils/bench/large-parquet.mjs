// npm run bench -- large-parquet [GB=5.2]: more data than a process may have memory, through writeParquetBatches and
// readParquetBatches. It fails where either takes 2 GB, or where what is read is not what was written. The file is in the folder of
// temporary files, of the same size.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readParquetBatches, writeParquetBatches } from "@ml-pipelines/pipeline-utils";
import { makeVector, Table } from "apache-arrow";

const COLUMNS = 5;
const ROWS_OF_A_BATCH = 100_000;
const MOST_BYTES = 2e9;

/** A number from 0 to 1 for each place, which looks random. @param {number} place */
function noise(place) {
  const mixed = Math.imul(place ^ (place >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}

/** @param {number} start the batch's first row */
function valuesOf(start) {
  return Array.from({ length: COLUMNS }, (_, column) =>
    Float64Array.from({ length: ROWS_OF_A_BATCH }, (_, row) => noise((start + row) * COLUMNS + column)),
  );
}

/** @param {string} file @param {number} rows */
async function write(file, rows) {
  async function* batches() {
    for (let start = 0; start < rows; start += ROWS_OF_A_BATCH) {
      const columns = valuesOf(start).map((values, column) => [`c${column}`, makeVector(values)]);
      yield* new Table(Object.fromEntries(columns)).batches;
    }
  }
  await pipeline(writeParquetBatches(batches()), createWriteStream(file));
}

/** @param {string} file @param {number} rows */
async function read(file, rows) {
  const handle = await open(file);
  const { size } = await handle.stat();
  /** @param {number} start @param {number} end */
  const ranges = async (start, end) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.subarray(0, bytesRead);
  };
  let row = 0;
  for await (const batch of readParquetBatches({ size, read: ranges })) {
    const last = batch.getChild(`c${COLUMNS - 1}`)?.toArray();
    for (let index = 0; index < batch.numRows; index += 1009) {
      assert.equal(last[index], noise((row + index) * COLUMNS + COLUMNS - 1), `row ${row + index}`);
    }
    row += batch.numRows;
  }
  await handle.close();
  assert.equal(row, rows, "rows");
}

const [argument = "5.2", file, rowsOfChild] = process.argv.slice(2);
if (file !== undefined) {
  await (argument === "write" ? write : read)(file, Number(rowsOfChild));
  console.log(process.resourceUsage().maxRSS * 1024);
} else {
  const batches = Math.ceil((Number(argument) * 1e9) / (ROWS_OF_A_BATCH * COLUMNS * 8));
  const rows = batches * ROWS_OF_A_BATCH;
  const folder = await mkdtemp(path.join(tmpdir(), "large-parquet-"));
  const parquet = path.join(folder, "large.parquet");
  try {
    for (const task of ["write", "read"]) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        fileURLToPath(import.meta.url),
        task,
        parquet,
        String(rows),
      ]);
      const peak = Number(stdout);
      console.log(
        `${task}ParquetBatches: ${rows} rows, ${((rows * COLUMNS * 8) / 1e9).toFixed(1)} GB of Arrow data, ` +
          `${((await stat(parquet)).size / 1e9).toFixed(1)} GB of Parquet, peak ${Math.round(peak / 1e6)} MB`,
      );
      if (peak > MOST_BYTES) {
        process.exitCode = 1;
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
