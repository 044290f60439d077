import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import type { ByteSource } from "@ml-pipelines/pipeline-utils/formats";
import { readCsv, readParquet, readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { Float64, makeVector, Table, vectorFromArray } from "apache-arrow";
import { bytesOf, streamOf } from "./bytes.js";
import { plain } from "./plain.js";

const table = new Table({ a: vectorFromArray([1, 2.5, null], new Float64()) });
const csv = Buffer.from("a\n1.0\n2.5\n\n");
const parquet = await bytesOf(writeParquet(table));
const columns = plain(table);

/** A copy of some bytes in a buffer of their own. */
const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

const ofAnotherRealm = (bytes: Uint8Array): Uint8Array =>
  runInNewContext("new Uint8Array(buffer)", { buffer: bufferOf(bytes) }) as Uint8Array;

const SOURCES: readonly [name: string, make: (bytes: Buffer) => ByteSource][] = [
  ["a Buffer", (bytes) => bytes],
  [
    "a Uint8Array, part of a buffer",
    (bytes) => Buffer.concat([csv, bytes, csv]).subarray(csv.length, -csv.length),
  ],
  ["an ArrayBuffer", bufferOf],
  // A test runner and a notebook run their code in a realm of their own.
  ["a Uint8Array of another realm", ofAnotherRealm],
  ["a stream of another realm", (bytes) => streamOf(ofAnotherRealm(bytes), 7)],
  ["a Blob", (bytes) => new Blob([bufferOf(bytes)])],
  ["a File", (bytes) => new File([new Uint8Array(bytes)], "orders")],
  ["a stream", (bytes) => streamOf(bytes, 7)],
  ["a web stream", (bytes) => new Blob([bufferOf(bytes)]).stream()],
];

test.each(SOURCES)("returns the table of %s", async (_, make) => {
  expect(plain(await readCsv(make(csv)))).toEqual(columns);
  expect(plain(await readParquet(make(parquet)))).toEqual(columns);
  const batches = [];
  for await (const batch of readParquetBatches(make(parquet))) {
    batches.push(batch);
  }
  expect(plain(new Table(batches))).toEqual(columns);
});

test("returns the table of ranges of another realm", async () => {
  const read = async (start: number, end: number) => ofAnotherRealm(parquet.subarray(start, end));
  expect(plain(await readParquet({ size: parquet.length, read }))).toEqual(columns);
});

test("returns the table of a file that is opened as a Blob", async () => {
  const folder = mkdtempSync(join(tmpdir(), "byte-source-"));
  try {
    for (const [name, bytes, read] of [
      ["a.csv", csv, readCsv],
      ["a.parquet", parquet, readParquet],
    ] as const) {
      writeFileSync(join(folder, name), bytes);
      expect(plain(await read(await openAsBlob(join(folder, name))))).toEqual(columns);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("returns a table of many chunks from memory, as from a stream", async () => {
  const text = Buffer.from(
    `a,b\n${Array.from({ length: 40_000 }, (_, row) => `${row},t${row}\n`).join("")}x,y\n`,
  );
  expect(plain(await readCsv(text))).toEqual(plain(await readCsv(streamOf(text))));
});

/** A Blob that counts the bytes of its slices. */
class CountingBlob extends Blob {
  sliced = 0;

  override slice(start = 0, end = this.size): Blob {
    this.sliced += end - start;
    return super.slice(start, end);
  }
}

test("reads only the footer and the columns asked for of a Blob", async () => {
  const wide = new Table({
    a: vectorFromArray([1, 2], new Float64()),
    b: vectorFromArray(["x".repeat(100_000), ""]),
  });
  const blob = new CountingBlob([bufferOf(await bytesOf(writeParquet(wide)))]);
  expect(plain(await readParquet(blob, { columns: ["a"] }))[0]?.values).toEqual([1, 2]);
  expect(blob.sliced).toBeLessThan(blob.size);
});

describe("a source that is none", () => {
  const expected = "expected an async iterable of Uint8Array, a Uint8Array, an ArrayBuffer or a Blob";

  test.each([
    ["a path", "orders.csv", "'orders.csv'"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 7, "7"],
    ["chunks in an array", [csv], "[ <Buffer "],
    ["other numbers", Float64Array.of(1), "Float64Array(1) [ 1 ]"],
    ["a shared buffer", new SharedArrayBuffer(1), "SharedArrayBuffer"],
    ["a table", makeVector(Float64Array.of(1)), "Vector"],
    ["ranges without a size", { read: () => csv }, "{ read: [Function: read] }"],
  ])("is a TypeError: %s", async (_, source, shown) => {
    const given = source as ByteSource;
    const fromCsv = readCsv(given);
    await expect(fromCsv).rejects.toThrow(TypeError);
    await expect(fromCsv).rejects.toThrow(`source is ${shown}`);
    await expect(fromCsv).rejects.toThrow(expected);
    for (const reading of [readParquet(given), bytesOf(readParquetBatches(given) as AsyncIterable<never>)]) {
      await expect(reading).rejects.toThrow(TypeError);
      await expect(reading).rejects.toThrow(`source is ${shown}`);
      await expect(reading).rejects.toThrow(`${expected}, or ranges { size, read }`);
    }
  });

  test("rejects a stream of texts", async () => {
    const texts = async function* (): AsyncIterable<unknown> {
      yield "a\n1\n";
    };
    const source = (): ByteSource => texts() as AsyncIterable<Uint8Array>;
    const error = new TypeError("a chunk of source is 'a\\n1\\n', expected a Uint8Array");
    await expect(readCsv(source())).rejects.toThrow(error);
    await expect(readParquet(source())).rejects.toThrow(error);
  });
});
