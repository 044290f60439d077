// usage: node ours.mjs read-csv|read-csv-warm|write-csv|stream-csv|read-parquet|write-parquet FILE
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { readCsv, readParquet, writeCsv, writeParquet } from "@ml-pipelines/pipeline-utils";
import { chunksOf, measure } from "./measure.mjs";

const WARM_UP_ROUNDS = 4;
const [task = "", path = ""] = process.argv.slice(2);
/** @param {AsyncIterable<Uint8Array>} stream */
const drain = async (stream) => {
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
  }
  return length;
};

/**
 * MB of the arrays of a table, those counted once that are part of another.
 *
 * @param {import("apache-arrow").Table} table
 */
const megabytesOf = (table) => {
  const sizes = new Map();
  for (const { values, valueOffsets, nullBitmap } of table.batches.flatMap(({ data }) => data.children)) {
    for (const { buffer, byteOffset, byteLength } of [values, valueOffsets, nullBitmap].filter(Boolean)) {
      const ofBuffer = sizes.get(buffer) ?? new Map();
      sizes.set(buffer, ofBuffer.set(byteOffset, Math.max(byteLength, ofBuffer.get(byteOffset) ?? 0)));
    }
  }
  const all = [...sizes.values()].flatMap((ofBuffer) => [...ofBuffer.values()]);
  return { table: Math.round(all.reduce((sum, size) => sum + size, 0) / 1e6) };
};

if (task === "stream-csv") {
  await measure(() => readCsv(createReadStream(path)), megabytesOf);
} else {
  const bytes = await readFile(path);
  if (task === "read-csv") {
    await measure(() => readCsv(chunksOf(bytes)));
  } else if (task === "read-csv-warm") {
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
      await readCsv(chunksOf(bytes));
    }
    await measure(() => readCsv(chunksOf(bytes)));
  } else if (task === "read-parquet") {
    await import("parquet-wasm"); // imports are left out, here as for the others
    await measure(() => readParquet(chunksOf(bytes)));
  } else {
    const table = await readCsv(chunksOf(bytes));
    await import("parquet-wasm");
    await measure(() => drain(task === "write-csv" ? writeCsv(table) : writeParquet(table)));
  }
}
