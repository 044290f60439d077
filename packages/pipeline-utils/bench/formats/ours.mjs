// usage: node ours.mjs read-csv|write-csv|stream-csv|read-parquet|write-parquet FILE
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { readCsv, readParquet, writeCsv, writeParquet } from "@ml-pipelines/pipeline-utils";
import { chunksOf, measure } from "./measure.mjs";

const [task = "", path = ""] = process.argv.slice(2);
/** @param {AsyncIterable<Uint8Array>} stream */
const drain = async (stream) => {
  let length = 0;
  for await (const chunk of stream) length += chunk.length;
  return length;
};

if (task === "stream-csv") await measure(() => readCsv(createReadStream(path)));
else {
  const bytes = await readFile(path);
  if (task === "read-csv") await measure(() => readCsv(chunksOf(bytes)));
  else if (task === "read-parquet") {
    await import("parquet-wasm"); // imports are left out, here as for the others
    await measure(() => readParquet(chunksOf(bytes)));
  } else {
    const table = await readCsv(chunksOf(bytes));
    await import("parquet-wasm");
    await measure(() => drain(task === "write-csv" ? writeCsv(table) : writeParquet(table)));
  }
}
