import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "@jest/globals";
import type { ReadParquetOptions } from "@ml-pipelines/pipeline-utils/formats";
import { readParquet, readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import {
  Decimal,
  Field,
  Float64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import type { Data } from "apache-arrow";
import fc from "fast-check";
import { batchOfNumbers } from "../../src/formats/parquet/decimals.js";
import { bytesOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { plain } from "./plain.js";

const address = "s3://b/k.parquet";

/** The words of an integer in two's complement, the lowest first. */
const wordsOf = (integer: bigint, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, word) => Number(BigInt.asUintN(32, integer >> BigInt(32 * word))));

/** A column of decimals, of which every third is null if asked for. */
function decimalsOf(integers: readonly bigint[], type: Decimal, hasNulls = false): Data<Decimal> {
  const words = integers.map((integer) => wordsOf(integer, type.bitWidth / 32));
  const data = Uint32Array.from(words.flatMap((each) => [...each]));
  const nulls = hasNulls
    ? vectorFromArray(integers.map((_, row) => (row % 3 === 0 ? null : 1))).data[0]
    : undefined;
  const { nullBitmap, nullCount = 0 } = nulls ?? {};
  return makeData({ type, length: integers.length, data, nullCount, nullBitmap });
}

const numbersOf = (data: Data): unknown[] => {
  const schema = new Schema([new Field("d", data.type, true)]);
  const type = new Struct(schema.fields);
  const batch = new RecordBatch(
    schema,
    makeData({ type, length: data.length, nullCount: 0, children: [data] }),
  );
  return [...(new Table([batchOfNumbers(batch)]).getChildAt(0) ?? [])];
};

describe("decimals of duckdb", () => {
  // The expected values are literals, of which JavaScript takes the nearest double.
  test.each<[sql: string, value: number | null]>([
    ["-1.23::DECIMAL(4, 2)", -1.23],
    ["0.1::DECIMAL(18, 1)", 0.1],
    ["123456789.123456789::DECIMAL(18, 9)", 123456789.12345679],
    ["0.0000000000000000000000000000000000001::DECIMAL(38, 37)", 1e-37],
    ["99999999999999999999999999999999999999::DECIMAL(38, 0)", 1e38],
    ["-9007199254740993.0::DECIMAL(38, 1)", -(2 ** 53)],
    ["9007199254740993.1::DECIMAL(38, 1)", 2 ** 53 + 2],
    ["0.30000000000000004::DECIMAL(38, 17)", 0.30000000000000004],
    ["0::DECIMAL(9, 3)", 0],
    ["NULL::DECIMAL(9, 3)", null],
  ])("returns the nearest double of %s", async (sql, value) => {
    const folder = mkdtempSync(join(tmpdir(), "decimals-"));
    try {
      const connection = await (await DuckDBInstance.create()).connect();
      const file = join(folder, "d.parquet");
      await connection.run(`COPY (SELECT ${sql} AS d) TO '${file}' (FORMAT parquet)`);
      connection.closeSync();
      const table = await readParquet(readFileSync(file), { decimals: "number" });
      expect(plain(table)).toEqual([{ name: "d", type: "Float64", values: [value] }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test.each([32, 64, 128, 256])("returns the double nearest to any decimal of %i bits", async (bits) => {
  const integer = fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
  const small = fc.bigInt({ min: -(2n ** 30n), max: 2n ** 30n });
  const scale = fc.integer({ min: -30, max: 76 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(integer, small), { minLength: 1 }), scale, async (integers, scale) => {
      const data = decimalsOf(integers, new Decimal(scale, 76, bits), true);
      const expected = integers.map((each, row) => (row % 3 === 0 ? null : Number(`${each}e${-scale}`)));
      expect(numbersOf(data)).toEqual(expected);
      const start = Math.floor(integers.length / 2);
      expect(numbersOf(data.slice(start, integers.length - start))).toEqual(expected.slice(start));
    }),
    runsOf(300),
  );
});

describe("readParquet with decimals", () => {
  const price = new Vector([decimalsOf([150n, -25n, 7n], new Decimal(2, 10), true)]);
  const list = new List(new Field("item", new Decimal(2, 10), true));
  const lists = makeData({
    type: list,
    length: 3,
    nullCount: 0,
    valueOffsets: Int32Array.of(0, 2, 2, 3),
    child: decimalsOf([1n, 2n, 3n], new Decimal(2, 10)),
  });
  const table = new Table({ price, name: vectorFromArray(["a", "b", "c"]), lists: new Vector([lists]) });
  const read = async (options: ReadParquetOptions): Promise<Table> =>
    readParquet(await bytesOf(writeParquet(table)), { address, ...options });

  test("returns exact decimals, unless asked for numbers", async () => {
    const types = (found: Table): string[] => plain(found).map(({ type }) => type);
    const exact = ["Decimal[10e+2]", "Dictionary<Int32, Utf8>", "List<Decimal[10e+2]>"];
    expect(types(await read({}))).toEqual(exact);
    expect(types(await read({ decimals: "exact" }))).toEqual(exact);
    const numbers = await read({ decimals: "number" });
    expect(types(numbers)).toEqual(["Float64", exact[1], "List<Float64>"]);
    expect(numbers.toArray().map(String)).toEqual([
      '{"price": null, "name": "a", "lists": [0.01,0.02]}',
      '{"price": -0.25, "name": "b", "lists": []}',
      '{"price": 0.07, "name": "c", "lists": [0.03]}',
    ]);
  });

  test("checks the numbers against a schema", async () => {
    const schema = { price: { type: "number", minimum: 0, nullable: true } } as const;
    await expect(read({ schema })).rejects.toThrow(
      'column "price" is of type Decimal[10e+2], expected number; decimals: "number" reads it as such',
    );
    await expect(read({ schema, decimals: "number" })).rejects.toThrow(
      `${address} row 2: price is -0.25, expected at least 0`,
    );
    expect((await read({ columns: ["price"], decimals: "number" })).numCols).toBe(1);
  });

  test("returns numbers of batches, and the types of a file without rows", async () => {
    const bytes = await bytesOf(writeParquet(table.slice(0, 0)));
    expect(plain(await readParquet(bytes, { decimals: "number" }))[0]).toMatchObject({ type: "Float64" });
    for await (const batch of readParquetBatches(await bytesOf(writeParquet(table)), {
      decimals: "number",
    })) {
      expect([...(batch.getChildAt(0) ?? [])]).toEqual([null, -0.25, 0.07]);
    }
  });

  test("rejects another value", async () => {
    const options: object = { decimals: "float" };
    await expect(read(options)).rejects.toThrow(
      new TypeError("decimals is 'float', expected 'exact' or 'number'"),
    );
  });
});

test("leaves batches without decimals as they are", () => {
  const [batch] = new Table({ a: vectorFromArray([1], new Float64()) }).batches;
  expect(batchOfNumbers(batch!)).toBe(batch);
});
