import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import {
  readCsv,
  readParquet,
  SerialisationError,
  writeCsv,
  writeParquet,
  writeParquetBatches,
} from "@ml-pipelines/pipeline-utils/formats";
import { runChild } from "@ml-pipelines/test-support/run-child";
import * as own from "apache-arrow";
import fc from "fast-check";
import { parquetTable } from "./arbitrary-parquet-table.js";
import { anyTable } from "./arbitrary-table.js";
import { bytesOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { columnsOfTypes } from "./parquet-types.js";
import { plain } from "./plain.js";

type Arrow = typeof own;

const require = createRequire(import.meta.url);
const isArrow = (module: unknown): module is Arrow => typeof module === "object" && module !== null;
/** The copy that CommonJS programs have. */
const other = ((module: unknown): Arrow => {
  if (!isArrow(module)) {
    throw new TypeError("apache-arrow has no build for CommonJS");
  }
  return module;
})(require("apache-arrow"));

/** A table of the other copy. */
const otherTable = (table: own.Table): own.Table => other.tableFromIPC(own.tableToIPC(table));
/** The same table of our copy, as the other one reads it. */
const ownTable = (table: own.Table): own.Table => own.tableFromIPC(own.tableToIPC(table));
const parquetOf = async (table: own.Table): Promise<Buffer> => bytesOf(writeParquet(table));
/** Programs without types call a function with anything. */
const write = async (call: unknown, argument: unknown): Promise<Buffer> =>
  bytesOf((call as (argument: unknown) => AsyncIterable<Uint8Array>)(argument));

test("shares no types with the other copy", () => {
  expect(new other.Int32()).not.toBeInstanceOf(own.DataType);
});

describe("Parquet", () => {
  test.each(Object.entries(columnsOfTypes))("writes a column of %s", async (_, vector) => {
    const expected = await readParquet(await parquetOf(new own.Table({ a: vector })));
    const table = otherTable(new own.Table({ a: vector }));
    const read = async (bytes: Promise<Buffer>): Promise<[string, string[]]> => {
      const found = await readParquet(await bytes);
      return [String(found.schema), found.toArray().map(String)];
    };
    const type = String(expected.schema);
    const rows = expected.toArray().map(String);
    expect(await read(parquetOf(table))).toEqual([type, rows]);
    expect(await read(parquetOf(table.slice(1, 3)))).toEqual([type, rows.slice(1, 3)]);
    expect(await read(parquetOf(table.slice(0, 0)))).toEqual([type, []]);
    const twice = writeParquetBatches([...table.batches, ...table.batches]);
    expect(await read(bytesOf(twice))).toEqual([type, [...rows, ...rows]]);
  });

  test("writes any table as the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(parquetTable, fc.nat(25), async (table, start) => {
        const expected = await parquetOf(ownTable(table).slice(start));
        expect((await parquetOf(otherTable(table).slice(start))).equals(expected)).toBe(true);
      }),
      runsOf(100),
    );
  });

  test.each([
    ["ours", own],
    ["the other copy", other],
  ])("writes lists of no values, of which Arrow makes no children, in a table of %s", async (_, arrow) => {
    const type = new arrow.List(
      new arrow.Field("item", new arrow.Struct([new arrow.Field("a", new arrow.Utf8())])),
    );
    const lists = new arrow.Data(type, 0, 2, 0, { [own.BufferType.OFFSET]: Int32Array.of(0, 0, 0) });
    const read = await readParquet(await parquetOf(new arrow.Table({ l: new arrow.Vector([lists]) })));
    expect(read.toArray().map(String)).toEqual(['{"l": []}', '{"l": []}']);
    const none = new arrow.Table(new arrow.Schema([new arrow.Field("l", type)]));
    expect((await readParquet(await parquetOf(none))).numRows).toBe(0);
  });

  test("rejects a union as for a table of its own", async () => {
    const type = new other.SparseUnion([0], [new other.Field("a", new other.Int32())]);
    const buffers = { [own.BufferType.TYPE]: Int8Array.of(0) };
    const data = new other.Data(type, 0, 1, 0, buffers, [...other.vectorFromArray([1]).data]);
    const table = new other.Table({ u: new other.Vector([data]) });
    await expect(parquetOf(table)).rejects.toThrow(SerialisationError);
  });
});

describe("CSV", () => {
  test("writes any table as the same text, and reads it by the other copy's types", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (table) => {
        // Arrow's own serialisation loses a byte order mark.
        fc.pre(table.schema.fields.every(({ name }) => !name.startsWith("\ufeff")));
        const foreign = otherTable(table);
        const text = await bytesOf(writeCsv(foreign));
        expect(text.equals(await bytesOf(writeCsv(table)))).toBe(true);
        const columnTypes = Object.fromEntries(foreign.schema.fields.map(({ name, type }) => [name, type]));
        const read = await readCsv(text, { columnTypes });
        expect(plain(read)).toEqual(plain(table));
        expect(read.schema.fields.every(({ type }) => type instanceof own.DataType)).toBe(true);
      }),
      runsOf(100),
    );
  });
});

test("writes a table of one copy that has vectors of both", async () => {
  const read = await readCsv(Buffer.from("a\n1\n2\n"));
  const mixed = new other.Table({
    a: read.getChildAt(0)!,
    b: other.vectorFromArray([0.5, null], new other.Float64()),
  });
  expect(plain(await readParquet(await parquetOf(mixed)))).toEqual([
    { name: "a", type: "Int32", values: [1, 2] },
    { name: "b", type: "Float64", values: [0.5, null] },
  ]);
  expect((await bytesOf(writeCsv(mixed))).toString()).toBe("a,b\n1,0.5\n2,\n");
});

test("shares the memory of a dictionary that batches share", async () => {
  const words = other.vectorFromArray(["a", "b"], new other.Dictionary(new other.Utf8(), new other.Int32()));
  const table = new other.Table({ word: words });
  const joined = new other.Table([...table.batches, ...table.batches]);
  expect(plain(await readParquet(await parquetOf(joined)))[0]?.values).toEqual(["a", "b", "a", "b"]);
});

test.each([
  ["null", null, "null"],
  ["undefined", undefined, "undefined"],
  ["text", "orders.csv", "'orders.csv'"],
  ["rows", [{ a: 1 }], "[ [Object] ]"],
  ["columns", { a: [1] }, "{ a: [Array] }"],
  [
    "a table of another library",
    { schema: { fields: [{ name: "a" }] }, batches: [] },
    "{ schema: [Object], batches: [] }",
  ],
])("rejects %s as a table", async (_, value, shown) => {
  const error = new TypeError(`table is ${shown}, expected a Table of apache-arrow`);
  await expect(write(writeCsv, value)).rejects.toThrow(error);
  await expect(write(writeParquet, value)).rejects.toThrow(error);
});

test.each([
  [
    "a table, which gives rows",
    own.tableFromArrays({ a: [1] }),
    /^a batch is .*, expected a RecordBatch of apache-arrow$/,
  ],
  ["nothing", undefined, /^batches is undefined, expected an iterable of RecordBatches$/],
  ["null", null, /^batches is null, expected an iterable of RecordBatches$/],
  ["a number", 1, /^batches is 1, expected an iterable of RecordBatches$/],
])("rejects %s as batches", async (_, value, message) => {
  const writing = write(writeParquetBatches, value);
  await expect(writing).rejects.toThrow(TypeError);
  await expect(writing).rejects.toThrow(message);
});

test.each([
  ["a class", own.Int64, "[class Int64 "],
  ["a name", "int64", "'int64'"],
  ["undefined", undefined, "undefined"],
])("rejects %s in columnTypes", async (_, type, shown) => {
  const options: object = { columnTypes: { a: type } };
  const reading = readCsv(Buffer.from("a\n1\n"), options);
  await expect(reading).rejects.toThrow(TypeError);
  await expect(reading).rejects.toThrow(/, expected a type of apache-arrow, such as new Float64\(\)$/);
  await expect(reading).rejects.toThrow(`columnTypes: column "a" is ${shown}`);
});

test("rejects a type that this version of Arrow does not have", async () => {
  const type = Object.assign(new other.Int32(), { typeId: 99, toString: () => "Later" });
  const field = new other.Field("a", type);
  await expect(parquetOf(new other.Table(new other.Schema([field])))).rejects.toThrow(
    new TypeError("this version of apache-arrow does not have the type Later"),
  );
});

describe("a program", () => {
  const program = (name: string): string =>
    fileURLToPath(new URL(`../fixtures/second-copy/${name}`, import.meta.url));
  const resultOf = async (name: string, ...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await runChild(program(name), args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  };

  test("writes tables of a copy that it requires or imports", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "second-copy-"));
    try {
      const installed = path.dirname(realpathSync(require.resolve("apache-arrow")));
      const modules = path.dirname(installed);
      const copy = path.join(folder, "node_modules");
      cpSync(installed, path.join(copy, "apache-arrow"), {
        recursive: true,
        filter: (file) => !/\/(?:src|bin|node_modules)$|\.map$|\.ts$|\.min\.js$/.test(file),
      });
      for (const name of readdirSync(modules).filter((entry) => entry !== "apache-arrow")) {
        symlinkSync(path.join(modules, name), path.join(copy, name));
      }
      const address = (file: string): string => pathToFileURL(path.join(copy, "apache-arrow", file)).href;
      const ours = await resultOf("imported.mjs", "apache-arrow");
      expect(ours).toMatchObject({ isOther: false, csv: expect.stringContaining("id,price,state,time\n") });
      const expected = { ...(ours as object), isOther: true };
      expect(await resultOf("required.cjs")).toEqual(expected);
      expect(await resultOf("imported.mjs", address("Arrow.node.mjs"))).toEqual(expected);
      expect(await resultOf("imported.mjs", address("Arrow.node.js"))).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
