// npm run bench -- parquet-repeated: CPU seconds of reading and writing the same table as Parquet several times in one process, of which
// the first time has the engine compile the decoder.
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readCsv, readParquet, writeParquet } from "@ml-pipelines/pipeline-utils";
import { writeNarrow, writeWide } from "./formats/generate.mjs";
import { chunksOf } from "./formats/measure.mjs";

const TIMES = 6;

/** @param {string} label @param {() => Promise<unknown>} task */
async function repeat(label, task) {
  const taken = [];
  for (let time = 0; time < TIMES; time++) {
    const before = process.cpuUsage();
    await task();
    const { user, system } = process.cpuUsage(before);
    taken.push(((user + system) / 1e6).toFixed(2));
  }
  console.log(`${label}: ${taken.join(" ")} s`);
}

/** @param {AsyncIterable<Uint8Array>} stream */
async function bytesOf(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const folder = await mkdtemp(path.join(tmpdir(), "parquet-repeated-"));
try {
  const file = path.join(folder, "table.csv");
  for (const [name, generate] of /** @type {const} */ ([
    ["narrow", () => writeNarrow(file, 1_000_000)],
    ["wide", () => writeWide(file, 250_000)],
  ])) {
    await generate();
    const table = await readCsv(createReadStream(file));
    await repeat(`write ${name}`, () => bytesOf(writeParquet(table)));
    const bytes = await bytesOf(writeParquet(table));
    await repeat(`read ${name}`, () => readParquet(chunksOf(bytes)));
  }
} finally {
  await rm(folder, { recursive: true });
}
