import { describe, expect, test } from "@jest/globals";
import { FormatError } from "@ml-pipelines/pipeline-utils";
import { readParquet, readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import {
  Field,
  Int32,
  List,
  makeVector,
  Map_,
  Schema,
  Struct,
  Table,
  Timestamp,
  TimeUnit,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { DataType, FixedSizeBinary, Vector } from "apache-arrow";
import { rangesOf } from "../../src/formats/parquet/byte-ranges.js";
import { bytesOf, streamOf } from "./bytes.js";
import { columnsOfTypes } from "./parquet-types.js";
import { INT96, int96, int96File, int96OfDay, repeatedInt96 } from "./int96-file.js";

const address = "s3://b/k.parquet";
const columnOf = (values: readonly (Uint8Array | null)[]): Vector => vectorFromArray(values, INT96);
const fileOf = (values: readonly (Uint8Array | null)[], schema?: Schema): Promise<Buffer> =>
  int96File(new Table({ a: columnOf(values) }), schema);
const schemaOf = (type: DataType): Schema => new Schema([new Field("a", type, true)]);

/** The type and the exact values of a column: those of Arrow's memory, because a double would round them. */
function exact(table: Table, name = "a"): { type: string; values: (bigint | null)[] } {
  const column = table.getChild(name);
  const values = column?.toArray() as BigInt64Array;
  return {
    type: String(column?.type),
    values: Array.from(values, (value, row) => (column?.isValid(row) === true ? value : null)),
  };
}

const microseconds = (time: string): bigint => BigInt(Date.parse(time)) * 1000n;

describe("a column of INT96 timestamps", () => {
  test("returns exact microseconds when values lie outside the years of nanoseconds", async () => {
    const file = await fileOf([
      int96("2024-01-01T20:34:56.123456"),
      int96("9999-12-31T23:59:59.999999"),
      null,
      int96("1677-01-01T00:00:00"),
      int96("0001-01-01T00:00:00.000001"),
      int96("+275000-06-01T00:00:00"),
    ]);
    expect(exact(await readParquet(streamOf(file)))).toEqual({
      type: "Timestamp<MICROSECOND>",
      values: [
        microseconds("2024-01-01T20:34:56.123Z") + 456n,
        microseconds("9999-12-31T23:59:59.999Z") + 999n,
        null,
        microseconds("1677-01-01T00:00:00Z"),
        microseconds("0001-01-01T00:00:00Z") + 1n,
        microseconds("+275000-06-01T00:00:00Z"),
      ],
    });
  });

  test("returns exact nanoseconds when a value has digits below a microsecond", async () => {
    const file = await fileOf([int96("2024-01-01T00:00:00"), int96("1969-12-31T23:59:59.999999999"), null]);
    expect(exact(await readParquet(streamOf(file)))).toEqual({
      type: "Timestamp<NANOSECOND>",
      values: [microseconds("2024-01-01T00:00:00Z") * 1000n, -1n, null],
    });
  });

  test("returns nanoseconds when only the last row group has digits below a microsecond", async () => {
    const a = repeatedInt96(131_073, int96("2024-01-01T00:00:00"), {
      131_072: int96("2024-01-01T00:00:00.000000001"),
    });
    const table = await readParquet(streamOf(await int96File(new Table({ a }))));
    expect(table.batches.map(({ schema }) => String(schema.fields[0]?.type))).toEqual([
      "Timestamp<NANOSECOND>",
      "Timestamp<NANOSECOND>",
    ]);
    const { values } = exact(table);
    expect(values.slice(-2)).toEqual([1_704_067_200_000_000_000n, 1_704_067_200_000_000_001n]);
  });

  test.each([
    [new Timestamp(TimeUnit.NANOSECOND, "UTC"), "Timestamp<NANOSECOND, UTC>", 1_704_141_296_125_000_000n],
    [new Timestamp(TimeUnit.MICROSECOND, null), "Timestamp<MICROSECOND>", 1_704_141_296_125_000n],
    [new Timestamp(TimeUnit.MILLISECOND, null), "Timestamp<MILLISECOND>", 1_704_141_296_125n],
    [new Timestamp(TimeUnit.SECOND, "UTC"), "Timestamp<MICROSECOND, UTC>", 1_704_141_296_125_000n],
  ])("returns the unit when the footer declares %s and the unit is exact", async (declared, type, value) => {
    const file = await fileOf([int96("2024-01-01T20:34:56.125")], schemaOf(declared));
    expect(exact(await readParquet(streamOf(file)))).toEqual({ type, values: [value] });
  });

  test("returns microseconds when the footer declares nanoseconds that would wrap", async () => {
    const file = await fileOf(
      [int96("9999-12-31T00:00:00")],
      schemaOf(new Timestamp(TimeUnit.NANOSECOND, null)),
    );
    expect(exact(await readParquet(streamOf(file)))).toEqual({
      type: "Timestamp<MICROSECOND>",
      values: [microseconds("9999-12-31T00:00:00Z")],
    });
  });

  test.each([
    [-(2n ** 63n), 1_000n],
    [2n ** 63n - 1n, 1_000n],
    [-(2n ** 63n), 1n],
    [2n ** 63n - 1n, 1n],
  ])("returns %d, the greatest or least integer, when it counts units of %d ns", async (value, unit) => {
    const unitsPerDay = 86_400_000_000_000n / unit;
    const rest = ((value % unitsPerDay) + unitsPerDay) % unitsPerDay;
    const day = (value - rest) / unitsPerDay + 2_440_588n;
    const file = await fileOf([int96OfDay(day, rest * unit)]);
    expect(exact(await readParquet(streamOf(file))).values).toEqual([value]);
  });

  test("returns what Spark has written when its days overflow, from the year 287564 on", async () => {
    // Spark computes the day and the nanoseconds from the sum of 64 bits, here of +290000-12-30T23:00:00.
    const value = 9_089_380_393_200_000_000n;
    const sum = BigInt.asIntN(64, value + 2_440_588n * 86_400_000_000n);
    expect(sum).toBeLessThan(0n);
    const file = await fileOf([int96OfDay(sum / 86_400_000_000n, (sum % 86_400_000_000n) * 1000n)]);
    expect(exact(await readParquet(streamOf(file)))).toEqual({
      type: "Timestamp<MICROSECOND>",
      values: [value],
    });
  });

  test("rejects values when some are too far for nanoseconds and some too fine for microseconds", async () => {
    const a = repeatedInt96(131_075, int96("2024-01-01T00:00:00"), {
      1: int96("2024-01-01T00:00:00.000000001"),
      131_073: int96("9999-12-31T03:00:00"),
    });
    const reading = readParquet(streamOf(await int96File(new Table({ a }))), { address });
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(
      's3://b/k.parquet row 131074: column "a": found 9999-12-31T03:00:00.000000000, which a timestamp in nanoseconds ' +
        "cannot represent; one in microseconds cannot represent 2024-01-01T00:00:00.000000001 in row 2",
    );
  });

  test.each([
    [2n ** 31n - 1n, "185331720297600.000000000 seconds after 1970"],
    [-(2n ** 31n), "-185753453990400.000000000 seconds after 1970"],
  ])("rejects the day %d, which is too far for microseconds", async (day, shown) => {
    const file = await fileOf([null, int96OfDay(day, 0n)]);
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      `s3://b/k.parquet row 2: column "a": found ${shown}, ` +
        "which a timestamp can represent neither in microseconds nor in nanoseconds",
    );
  });

  test("returns microseconds when there are no rows", async () => {
    const file = await fileOf([]);
    expect(String((await readParquet(streamOf(file))).schema)).toBe(
      "Schema<{ 0: a: Timestamp<MICROSECOND> }>",
    );
  });
});

describe("nested INT96 timestamps", () => {
  const inner = new Struct([new Field("at", INT96, true), new Field("n", new Int32(), true)]);
  const type = new List(new Field("item", inner, true));
  const fileOfLists = (rows: readonly (readonly { at: Uint8Array | null; n: number }[] | null)[]) =>
    int96File(new Table({ n: makeVector(Int32Array.from(rows.keys())), lists: vectorFromArray(rows, type) }));
  const early = int96("2024-01-01T00:00:00");

  test("returns exact values when they stand in structs of lists", async () => {
    const file = await fileOfLists([
      [{ at: early, n: 1 }],
      null,
      [],
      [
        { at: null, n: 2 },
        { at: int96("9999-12-31T00:00:00"), n: 3 },
      ],
    ]);
    const table = await readParquet(streamOf(file));
    expect(String(table.getChild("lists")?.type)).toBe("List<Struct<{at:Timestamp<MICROSECOND>, n:Int32}>>");
    expect(Array.from(table.getChild("lists") ?? [], String)).toEqual([
      `[{"at": ${Date.UTC(2024, 0, 1)}, "n": 1}]`,
      "null",
      "[]",
      `[{"at": null, "n": 2},{"at": ${Date.UTC(9999, 11, 31)}, "n": 3}]`,
    ]);
  });

  test("returns exact values when they are the values of a map", async () => {
    const entries = new Struct<{ key: Utf8; value: FixedSizeBinary }>([
      new Field("key", new Utf8(), false),
      new Field("value", INT96, true),
    ]);
    const maps = vectorFromArray(
      [null, new Map([["end", int96("9999-12-31T00:00:00")]])],
      new Map_(new Field("entries", entries, false)),
    );
    const found = (await readParquet(streamOf(await int96File(new Table({ maps }))))).getChild("maps");
    expect(String(found?.type)).toBe("Map<{key:Utf8, value:Timestamp<MICROSECOND>}>");
    expect(Array.from(found ?? [], String)).toEqual(["null", `{"end": ${Date.UTC(9999, 11, 31)}}`]);
  });

  test("rejects a nested value and names its row", async () => {
    const file = await fileOfLists([
      [
        { at: early, n: 1 },
        { at: early, n: 1 },
      ],
      [],
      [
        { at: early, n: 1 },
        { at: int96("9999-12-31T00:00:00.000000001"), n: 3 },
      ],
    ]);
    await expect(readParquet(streamOf(file), { address })).rejects.toThrow(
      's3://b/k.parquet row 3: column "lists": found 9999-12-31T00:00:00.000000001',
    );
  });
});

describe("a file with INT96 timestamps among other columns", () => {
  const table = new Table({
    n: makeVector(Int32Array.of(1, 2)),
    a: columnOf([int96("9999-12-31T00:00:00"), null]),
    b: columnOf([int96("2024-01-01T00:00:00.000000001"), null]),
  });

  test("returns each column in its own unit", async () => {
    const file = await int96File(table);
    const found = await readParquet(streamOf(file), { columns: ["b", "n", "a"] });
    expect(String(found.schema)).toBe(
      "Schema<{ 0: b: Timestamp<NANOSECOND>, 1: n: Int32, 2: a: Timestamp<MICROSECOND> }>",
    );
    expect(exact(found, "a").values).toEqual([microseconds("9999-12-31T00:00:00Z"), null]);
    expect(exact(found, "b").values).toEqual([1_704_067_200_000_000_001n, null]);
  });

  /** Without those of a fixed length, which the fixture turns into INT96. */
  const others = Object.entries(columnsOfTypes).filter(
    ([name]) => !["fixedSizeBinary", "float16"].includes(name),
  );
  test.each(others)("returns a column of type %s as without INT96 timestamps", async (_, column) => {
    const both = new Table({ column, a: columnOf([int96("9999-12-31T00:00:00"), null, null]) });
    const fields = both.schema.fields.map((field) =>
      field.name === "a" ? field.clone({ type: new Timestamp(TimeUnit.NANOSECOND, null) }) : field,
    );
    for (const schema of [undefined, new Schema(fields)]) {
      const file = await int96File(both, schema);
      const found = await readParquet(streamOf(file));
      expect(exact(found).values).toEqual([microseconds("9999-12-31T00:00:00Z"), null, null]);
      const alone = await readParquet(streamOf(file), { columns: ["column"] });
      expect(String(found.select(["column"]).schema)).toBe(String(alone.schema));
      expect(Array.from(found.getChild("column") ?? [], String)).toEqual(
        Array.from(alone.getChild("column") ?? [], String),
      );
    }
  });

  test("returns batches with the same units", async () => {
    for await (const batch of readParquetBatches(rangesOf(await int96File(table)), { columns: ["a"] })) {
      expect(String(batch.schema)).toBe("Schema<{ 0: a: Timestamp<MICROSECOND> }>");
    }
  });

  test("returns other columns when a timestamp is too far, and reads no page twice", async () => {
    const far = new Table({ n: makeVector(Int32Array.of(1)), a: columnOf([int96OfDay(2n ** 31n - 1n, 0n)]) });
    const file = await int96File(far);
    const ranges: [number, number][] = [];
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      ranges.push([start, end]);
      return file.subarray(start, end);
    };
    const found = await readParquet({ size: file.length, read }, { columns: ["n"] });
    expect([found.numRows, found.getChild("n")?.get(0)]).toEqual([1, 1]);
    expect(new Set(ranges.map(String)).size).toBe(ranges.length);
  });

  test("throws the reason of a signal that is aborted while the units are found", async () => {
    const file = await int96File(table);
    const abort = new AbortController();
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      abort.abort(new Error("enough"));
      return file.subarray(start, end);
    };
    await expect(readParquet({ size: file.length, read }, { address, signal: abort.signal })).rejects.toThrow(
      new Error("enough"),
    );
  });
});

test("returns the same table when it is written again", async () => {
  const first = await readParquet(streamOf(await fileOf([int96("9999-12-31T00:00:00.000001"), null])));
  const again = await readParquet(streamOf(await bytesOf(writeParquet(first))));
  expect(exact(again)).toEqual(exact(first));
});
