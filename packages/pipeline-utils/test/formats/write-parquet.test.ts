import { describe, expect, test } from "@jest/globals";
import { readParquet, writeParquet, writeParquetBatches } from "@ml-pipelines/pipeline-utils/formats";
import type { WriteParquetOptions } from "@ml-pipelines/pipeline-utils/formats";
import {
  Binary,
  BinaryView,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  List,
  makeData,
  makeVector,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { SerialisationError } from "@ml-pipelines/pipeline-utils";
import { batchBytes, groupRows } from "../../src/formats/parquet/row-group-writer.js";
import { bytesOf } from "./bytes.js";
import { plain } from "./plain.js";

const KIB = 1024;

describe("the row groups of writeParquet", () => {
  const texts = (lengths: readonly number[]): RecordBatch[] =>
    new Table({
      t: vectorFromArray(
        lengths.map((length) => "x".repeat(length)),
        new Utf8(),
      ),
    }).batches;
  const groupsOf = async (batches: RecordBatch[], rows: number, bytes: number): Promise<number[][]> => {
    const groups: number[][] = [];
    for await (const group of groupRows(batches, { rows, bytes })) {
      groups.push(group.map(({ numRows }) => numRows));
    }
    return groups;
  };

  test("writes the maximum of rows in each, whatever the sizes of the batches", async () => {
    const batches = [texts([1, 1, 1]), texts([]), texts([1]), texts([1, 1, 1, 1])].flat();
    expect(await groupsOf(batches, 3, KIB)).toEqual([[3], [1, 2], [2]]);
    expect(await groupsOf(texts([]), 3, KIB)).toEqual([[0]]);
  });

  test("writes fewer rows when they are large, and one alone when it is too large", async () => {
    const batches = [texts([300, 300, 300, 300, 2000, 1, 1]), texts([1, 1010, 30])].flat();
    expect(await groupsOf(batches, 100, KIB)).toEqual([[3], [1], [1], [2, 1], [1], [1]]);
  });

  test("writes at most 128 MiB in each, because larger ones cannot be read again", async () => {
    const length = 150;
    const data = new Uint8Array(length << 20).fill(97);
    for (let row = 0; row < length; row++) {
      data.set(Buffer.from(String(row)), row << 20);
    }
    const valueOffsets = Int32Array.from({ length: length + 1 }, (_, row) => row << 20);
    const column = new Vector([makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets, data })]);
    const again = await readParquet(writeParquet(new Table({ t: column })));
    expect(again.batches.map(({ numRows }) => numRows)).toEqual([127, 23]);
    expect(String(again.getChild("t")?.get(149)).slice(0, 5)).toBe("149aa");
  });
});

describe("batchBytes", () => {
  const bytes = (vector: Vector, start = 0, end = vector.length): number =>
    batchBytes(new Table({ c: vector }).slice(start, end).batches[0]!);

  test.each<[string, Vector, number, number]>([
    ["numbers", makeVector(new Float64Array(10)), 80, 16],
    ["booleans", vectorFromArray(new Array<boolean>(16).fill(true)), 2, 0.25],
    ["texts", vectorFromArray(["abc", "de", "", "f"], new Utf8()), 22, 13],
    [
      "binary values of fixed size",
      vectorFromArray([new Uint8Array(5), new Uint8Array(5), null], new FixedSizeBinary(5)),
      15,
      10,
    ],
    ["lists", vectorFromArray([[1, 2], [3], []], new List(new Field("item", new Float64()))), 24, 24],
    ["structs", vectorFromArray([{ a: 1 }, { a: 2 }], new Struct([new Field("a", new Int32())])), 8, 8],
    [
      "a small dictionary",
      vectorFromArray(["abc", "abc", "de"], new Dictionary(new Utf8(), new Int32())),
      12,
      8,
    ],
  ])("returns the bytes of %s, and of the first two", (_, vector, all, two) => {
    expect(bytes(vector)).toBe(all);
    expect(bytes(vector, 0, 2)).toBe(two);
  });

  test("counts each text when a dictionary is too large for the encoder", () => {
    const dictionary = vectorFromArray(["a".repeat(2 ** 20), "b".repeat(2 ** 20)], new Utf8());
    const type = new Dictionary(new Utf8(), new Int32());
    const column = new Vector([makeData({ type, length: 4, data: Int32Array.of(0, 1, 0, 1), dictionary })]);
    expect(bytes(column)).toBe(4 * (2 ** 20 + 4));
  });
});

describe("batches of one schema", () => {
  const read = (...batches: RecordBatch[]): Promise<Table> => readParquet(writeParquetBatches(batches));

  test("writes batches with dictionaries of their own", async () => {
    const batch = (texts: string[]): RecordBatch =>
      new Table({ t: vectorFromArray(texts, new Dictionary(new Utf8(), new Int32())) }).batches[0]!;
    const table = await read(batch(["a", "b"]), batch(["c", "a", "b"]));
    expect([...table.getChild("t")!]).toEqual(["a", "b", "c", "a", "b"]);
  });

  const numbers = (name: string, values: (number | null)[], nullable = true): RecordBatch => {
    const { data } = vectorFromArray(values, new Int32());
    const fields = [new Field(name, new Int32(), nullable)];
    const struct = makeData({
      type: new Struct(fields),
      length: values.length,
      nullCount: 0,
      children: [data[0]!],
    });
    return new RecordBatch(new Schema(fields), struct);
  };

  test("lets the first batch decide whether a column is nullable", async () => {
    expect([...(await read(numbers("n", [1], false), numbers("n", [2]))).getChild("n")!]).toEqual([1, 2]);
    await expect(read(numbers("n", [1], false), numbers("n", [null]))).rejects.toThrow(
      "the table cannot be written as Parquet: Invalid argument error: Column 'n' is declared as non-nullable but contains null",
    );
  });

  test("rejects a batch of another schema", async () => {
    await expect(read(numbers("n", [1]), numbers("m", [1]))).rejects.toThrow(SerialisationError);
    await expect(read(numbers("n", [1]), numbers("m", [1]))).rejects.toThrow(
      "a batch of Schema<{ 0: m: Int32 }> cannot be written after one of Schema<{ 0: n: Int32 }>",
    );
    const decimals = (bits: number): RecordBatch =>
      new Table({ d: vectorFromArray([new Uint32Array(bits / 32)], new Decimal(2, 10, bits)) }).batches[0]!;
    await expect(read(decimals(128), decimals(256))).rejects.toThrow(
      "a batch of Schema<{ 0: d: Decimal[10e+2] }> 256 bits cannot be written after one of Schema<{ 0: d: Decimal[10e+2] }> 128 bits",
    );
  });
});

describe("writeParquet", () => {
  const write = (table: Table, options?: WriteParquetOptions): Promise<Buffer> =>
    bytesOf(writeParquet(table, options));

  test("rejects a table without columns", async () => {
    await expect(write(new Table({ a: makeVector(Int32Array.of(1)) }).select([]))).rejects.toThrow(
      new SerialisationError("a table without columns has no form in Parquet"),
    );
  });

  test("rejects two columns of one name", async () => {
    const field = new Field("a", new Int32(), true);
    const children = [makeVector(Int32Array.of(1)).data[0]!, makeVector(Int32Array.of(2)).data[0]!];
    const struct = makeData({ type: new Struct([field, field]), length: 1, nullCount: 0, children });
    await expect(write(new Table(new RecordBatch(new Schema([field, field]), struct)))).rejects.toThrow(
      new SerialisationError('columns 1 and 2 are both named "a"'),
    );
  });

  test("rejects a name with half of a surrogate pair", async () => {
    await expect(
      write(new Table({ a: makeVector(Int32Array.of(1)), "\ud83d": makeVector(Int32Array.of(1)) })),
    ).rejects.toThrow(
      new SerialisationError('column 2 is named "\\ud83d", which is no text of whole characters'),
    );
  });

  test("rejects an unknown compression", async () => {
    const options: object = { compression: "gzip" };
    await expect(write(new Table({ a: makeVector(Int32Array.of(1)) }), options)).rejects.toThrow(
      new TypeError("compression is 'gzip', expected 'snappy' or 'zstd'"),
    );
  });
});

test("writes slices of BinaryView, and of structs with Utf8View and Null, as readable types", async () => {
  const column = vectorFromArray([Uint8Array.of(1), null, new Uint8Array(20)], new BinaryView());
  const struct = vectorFromArray(
    [{ t: "a", n: null }, null, { t: "longer than twelve bytes", n: null }],
    new Struct([new Field("t", new Utf8View(), true), new Field("n", new Null(), true)]),
  );
  const again = await readParquet(writeParquet(new Table({ column, struct }).slice(1)));
  expect(plain(again).map(({ type, values }) => [type, ...values.map(String)])).toEqual([
    [String(new Binary()), "null", String(new Uint8Array(20))],
    ["Struct<{t:Utf8, n:Null}>", "null", '{"t": "longer than twelve bytes", "n": null}'],
  ]);
});
