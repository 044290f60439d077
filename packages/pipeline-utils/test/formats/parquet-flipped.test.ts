import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  List,
  makeVector,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import { bytesOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { int96, int96File, repeatedInt96 } from "./int96-file.js";

const rows = Array.from({ length: 600 }, (_, row) => row);
const table = new Table({
  int: makeVector(Int32Array.from(rows)),
  float: makeVector(Float64Array.from(rows, Math.sin)),
  text: vectorFromArray(
    rows.map((row) => (row % 5 ? `text ${row}` : null)),
    new Utf8(),
  ),
  category: vectorFromArray(
    rows.map((row) => `category ${row % 9}`),
    new Dictionary(new Utf8(), new Int32()),
  ),
  list: vectorFromArray(
    rows.map((row) => (row % 3 ? [row, null] : [])),
    new List(new Field("item", new Float64(), true)),
  ),
  struct: vectorFromArray(
    rows.map((a) => ({ a })),
    new Struct([new Field("a", new Int32(), true)]),
  ),
});
const fixture = (name: string): Promise<Buffer> =>
  readFile(new URL(`../fixtures/formats/${name}`, import.meta.url));
const files: readonly (readonly [bytes: Buffer, rows: number])[] = [
  [await bytesOf(writeParquet(table)), 600],
  [await bytesOf(writeParquet(table, { compression: "zstd" })), 600],
  [await fixture("polars.parquet"), 3],
  [await fixture("misplaced-column.parquet"), 500], // DuckDB's
  [await int96File(new Table({ a: repeatedInt96(600, int96("9999-12-31T00:00:00"), {}) })), 600],
];

/** Files with one to three damaged bytes, about half of them in the footer. */
const flipped = fc.constantFrom(...files).chain(([file, rows]) => {
  const footer = file.length - 8 - file.readUInt32LE(file.length - 8);
  const place = fc.oneof(fc.nat(footer - 1), fc.integer({ min: footer, max: file.length - 1 }));
  const flips = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 });
  return flips.map((places) => {
    const damaged = Buffer.from(file);
    for (const [at, bits] of places) {
      damaged[at]! ^= bits;
    }
    return { damaged, rows };
  });
});

test("returns all rows or a FormatError when bytes are damaged, and never crashes", async () => {
  const column = fc.option(fc.constantFrom("a", "text", "category"));
  await fc.assert(
    fc.asyncProperty(flipped, column, async ({ damaged, rows }, column) => {
      const options = { address: "s3://b/k.parquet", ...(column !== null && { columns: [column] }) };
      const table = await readParquet(rangesOf(damaged), options).catch((error: unknown) => error);
      if (table instanceof Table) {
        expect(table.numRows).toBe(rows);
      } else {
        expect(String(table)).toMatch(/^FormatError: s3:\/\/b\/k\.parquet( row \d+)?: /);
      }
    }),
    runsOf(500),
  );
  const [first] = files;
  expect(first && (await readParquet(rangesOf(first[0]))).numRows).toBe(600);
});
