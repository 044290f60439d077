import { describe, expect, test } from "@jest/globals";
import { SerialisationError, readCsv, writeCsv } from "@ml-pipelines/pipeline-utils";
import type { DataType } from "apache-arrow";
import {
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  Float16,
  Float64,
  Int32,
  LargeUtf8,
  List,
  makeData,
  makeVector,
  Table,
  TimeSecond,
  TimestampMicrosecond,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { streamOf, textOf } from "./bytes.js";

test("writes a table that readCsv reads back in values and types", async () => {
  const table = new Table({
    int: vectorFromArray([1, null, -3], new Int32()),
    float: vectorFromArray([4, 0.1, null], new Float64()),
    bool: vectorFromArray([true, false, null], new Bool()),
    'the "text"': vectorFromArray(["a,b", null, 'c\n"d"'], new Utf8()),
  });
  const text = await textOf(writeCsv(table));
  expect(text).toBe('int,float,bool,"the ""text"""\n1,4.0,true,"a,b"\n,0.1,false,\n-3,,,"c\n""d"""\n');
  const again = await readCsv(streamOf(text));
  expect(String(again.schema)).toBe(String(table.schema));
  expect(again.toString()).toBe(table.toString());
});

describe("texts of other types than Utf8", () => {
  const texts = ["a,b", null, "", "1", "é"];
  const expected = 't\n"a,b"\n\n""\n"1"\né\n';
  test.each<[string, Vector]>([
    ["LargeUtf8, which pandas and Polars put into Parquet", vectorFromArray(texts, new LargeUtf8())],
    ["Utf8View", vectorFromArray(texts, new Utf8View())],
    ["a dictionary", vectorFromArray(texts, new Dictionary(new Utf8(), new Int32()))],
    ["a dictionary of LargeUtf8", vectorFromArray(texts, new Dictionary(new LargeUtf8(), new Int32()))],
  ])("writes the texts of %s as those of Utf8", async (_, column) => {
    expect(await textOf(writeCsv(new Table({ t: column })))).toBe(expected);
    expect(await textOf(writeCsv(new Table({ t: column }).slice(1, 4)))).toBe('t\n\n""\n"1"\n');
  });
});

describe("dictionaries", () => {
  const column = (dictionary: Vector<DataType>, data: Int32Array, type: DataType): Table =>
    new Table({
      d: new Vector([
        makeData({ type: new Dictionary(type, new Int32()), length: data.length, data, dictionary }),
      ]),
    });

  test("writes dictionaries in parts, with nulls, and of other values than texts", async () => {
    const first = vectorFromArray(["a", null], new Utf8());
    const parts = new Vector([...first.data, ...vectorFromArray(["b", "c"], new Utf8()).data]);
    expect(await textOf(writeCsv(column(parts, Int32Array.of(3, 1, 0, 2), new Utf8())))).toBe(
      "d\nc\n\na\nb\n",
    );
    const numbers = vectorFromArray([0.5, 1], new Float64());
    expect(await textOf(writeCsv(column(numbers, Int32Array.of(1, 0), new Float64())))).toBe("d\n1.0\n0.5\n");
  });

  test("searches no dictionary again for each batch, which took 50 seconds for 200 batches", async () => {
    const dictionary = vectorFromArray(
      Array.from({ length: 100_000 }, (_, index) => `text ${index}`),
      new Utf8(),
    );
    const type = new Dictionary(new Utf8(), new Int32());
    const batch = makeData({ type, length: 1, data: Int32Array.of(99_999), dictionary });
    const table = new Table({ d: new Vector(new Array<typeof batch>(5000).fill(batch)) });
    expect(await textOf(writeCsv(table))).toBe(`d\n${"text 99999\n".repeat(5000)}`);
  });
});

describe("tables without a form in CSV", () => {
  const writing = (columns: Record<string, Vector>): Promise<string> => textOf(writeCsv(new Table(columns)));
  const one = makeVector(Int32Array.of(1));

  test.each<[string, Vector]>([
    ["Float16", vectorFromArray([1], new Float16())],
    ["Time32<SECOND>", vectorFromArray([1], new TimeSecond())],
    ["Decimal[10e+2]", vectorFromArray([Uint32Array.of(1, 0, 0, 0)], new Decimal(2, 10))],
    ["List<Int32>", vectorFromArray([[1]], new List(new Field("item", new Int32())))],
    [
      "Dictionary<Int32, Decimal[10e+2]>",
      new Vector([
        makeData({
          type: new Dictionary(new Decimal(2, 10), new Int32()),
          length: 1,
          data: Int32Array.of(0),
          dictionary: vectorFromArray([Uint32Array.of(1, 0, 0, 0)], new Decimal(2, 10)),
        }),
      ]),
    ],
  ])("rejects a column of type %s", async (type, column) => {
    const advice = type.startsWith("Decimal") ? '; decimals: "number" reads Parquet\'s as numbers' : "";
    await expect(writing({ a: one, b: column })).rejects.toThrow(
      new SerialisationError(`column "b" is of type ${type}, which has no form in CSV${advice}`),
    );
  });

  test.each<[string, Vector, string]>([
    ["a date", vectorFromArray([new Date(8.64e15)], new DateDay()), "100000000 as Date32<DAY>"],
    [
      "a time",
      makeVector({ type: new TimestampMicrosecond(), data: BigInt64Array.of(2n ** 63n - 1n) }),
      "9223372036854775807 as Timestamp<MICROSECOND>",
    ],
  ])("rejects %s of a year without four digits", async (_, column, found) => {
    await expect(writing({ at: column })).rejects.toThrow(
      new SerialisationError(
        `column "at" holds ${found}, which is outside the years 0000 to 9999 that have a form in CSV`,
      ),
    );
  });

  test("rejects tables without columns, and names that are missing or malformed", async () => {
    await expect(textOf(writeCsv(new Table({ a: one }).select([])))).rejects.toThrow(
      new SerialisationError("a table without columns has no form in CSV"),
    );
    await expect(writing({ a: one, "": one })).rejects.toThrow(
      new SerialisationError("column 2 of 2 has no name"),
    );
    await expect(writing({ "\ud800": one, "\ud801": one })).rejects.toThrow(
      new SerialisationError('column 1 is named "\\ud800", which is no text of whole characters'),
    );
  });

  test("rejects tables that readCsv would reject", async () => {
    const columns = Object.fromEntries(Array.from({ length: 16_385 }, (_, index) => [`c${index}`, one]));
    await expect(writing(columns)).rejects.toThrow(
      new SerialisationError("the table has 16385 columns, and at most 16384 can be read again from CSV"),
    );
    const long = vectorFromArray(["a", "x".repeat(2 ** 25)], new Utf8());
    await expect(writing({ t: long })).rejects.toThrow(
      new SerialisationError(
        "row 2 has 33554433 bytes as CSV, and only rows of less than 33554432 can be read again",
      ),
    );
  });
});
