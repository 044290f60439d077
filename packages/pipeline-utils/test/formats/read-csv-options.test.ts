import { describe, expect, test } from "@jest/globals";
import type { ReadCsvOptions } from "@ml-pipelines/pipeline-utils";
import { FormatError, readCsv } from "@ml-pipelines/pipeline-utils";
import type { DataType } from "apache-arrow";
import {
  DateDay,
  Dictionary,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Field,
  Float32,
  TimestampMillisecond,
  TimestampNanosecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Bool,
} from "apache-arrow";
import { streamOf } from "./bytes.js";
import { plain } from "./plain.js";

const read = async (text: string, options: ReadCsvOptions): Promise<unknown> =>
  plain(await readCsv(streamOf(text, 5), { address: "s3://b/k.csv", ...options }));

describe("column types", () => {
  test("returns the requested types, also from quotes and with leading zeros", async () => {
    const text =
      'a,b,c,d,e,f\n007,+1.5,true,1,2021-07-24,x\n"8",2,"False",,1969-12-31,\n,"",,"9007199254740993",,x\n';
    const columnTypes = {
      a: new Int16(),
      b: new Float64(),
      c: new Bool(),
      d: new Int64(),
      e: new DateDay(),
      f: new Dictionary(new Utf8(), new Int32()),
    };
    expect(await read(text, { columnTypes })).toEqual([
      { name: "a", type: "Int16", values: [7, 8, null] },
      { name: "b", type: "Float64", values: [1.5, 2, null] },
      { name: "c", type: "Bool", values: [true, false, null] },
      { name: "d", type: "Int64", values: [1n, null, 9007199254740993n] },
      { name: "e", type: "Date32<DAY>", values: [Date.UTC(2021, 6, 24), -86400000, null] },
      { name: "f", type: "Dictionary<Int32, Utf8>", values: ["x", null, "x"] },
    ]);
  });

  test("reads timestamps as UTC without a zone, and converts them with one", async () => {
    const text = "t\n2021-07-24T09:56:42.718Z\n2021-07-24 09:56:42\n2021-07-24T09:56+10:00\n2021-07-24\n";
    const instant = Date.UTC(2021, 6, 24);
    expect(await read(text, { columnTypes: { t: new TimestampMillisecond("UTC") } })).toMatchObject([
      { values: [instant + 35802718, instant + 35802000, instant - 240000, instant] },
    ]);
  });

  test.each([
    ["x", new Float64(), '"x", expected a number'],
    ["2.5", new Int32(), '"2.5", expected an integer of 32 bits'],
    ["256", new Uint8(), '"256", expected an integer of 8 bits, not negative'],
    ["9223372036854775808", new Int64(), '"9223372036854775808", expected an integer of 64 bits'],
    ["1.0000000000000000001", new Int32(), '"1.0000000000000000001", expected an integer of 32 bits'],
    ["1.0000000000000000001", new Int64(), '"1.0000000000000000001", expected an integer of 64 bits'],
    ["18446744073709551616", new Uint64(), '"18446744073709551616", expected an integer of 64 bits, not neg'],
    ["-1", new Uint64(), '"-1", expected an integer of 64 bits, not negative'],
    ["-129", new Int8(), '"-129", expected an integer of 8 bits'],
    ["4294967296", new Uint32(), '"4294967296", expected an integer of 32 bits, not negative'],
    ["NaN", new Int32(), '"NaN", expected an integer of 32 bits'],
    ["3.4028235677973366e38", new Float32(), '"3.4028235677973366e38", expected a number of 32 bits'],
    ["-1e400", new Float64(), '"-1e400", expected a number'],
    ["\t1", new Float64(), '"\\t1", expected a number'],
    [" true", new Bool(), '" true", expected true or false'],
    [" 2021-07-24", new DateDay(), '" 2021-07-24", expected a date'],
    ["2300-01-01", new TimestampNanosecond(), '"2300-01-01", expected a date and time'],
    ["2021-07-24T01:00:00.0000000001", new TimestampNanosecond(), "expected a date and time"],
    ["1", new Bool(), '"1", expected true or false'],
    ["2021-02-30", new DateDay(), '"2021-02-30", expected a date'],
    ["2021-02-03T01:00", new DateDay(), '"2021-02-03T01:00", expected a date'],
    ["12:00", new TimestampMillisecond(), '"12:00", expected a date and time'],
    ["2021-07-24T25:00:00", new TimestampMillisecond(), '"2021-07-24T25:00:00", expected a date and time'],
    ["2021-07-24T01:00:00.0001", new TimestampMillisecond(), "expected a date and time"],
  ])("rejects %s as %s", async (value, type, message) => {
    const reading = read(`a,b\n"\n",${value}\n`, { columnTypes: { b: type } });
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(`s3://b/k.csv line 3: b is `);
    await expect(reading).rejects.toThrow(message);
  });

  test("reads numbers over the whole range of their type, in any form", async () => {
    const columns: [string, DataType, string, unknown][] = [
      ["a", new Int8(), "-128", -128],
      ["b", new Uint8(), "255.0", 255],
      ["c", new Int16(), "1e3", 1000],
      ["d", new Uint32(), " 4294967295 ", 4294967295],
      ["e", new Int64(), "-9223372036854775808", -(2n ** 63n)],
      ["f", new Uint64(), "+18446744073709551615.", 2n ** 64n - 1n],
      ["g", new Int64(), "1.50e1", 15n],
      ["h", new Float32(), "3.4028234663852886e38", 3.4028234663852886e38],
      ["i", new Float32(), "-inf", -Infinity],
      ["j", new Float64(), "1e-400", 0],
      ["k", new Int8(), "-0", 0],
    ];
    const text = `${columns.map(([name]) => name).join(",")}\n${columns.map(([, , field]) => field).join(",")}\n`;
    const columnTypes = Object.fromEntries(columns.map(([name, type]) => [name, type]));
    expect(await read(text, { columnTypes })).toMatchObject(
      columns.map(([name, , , value]) => ({ name, values: [value] })),
    );
  });

  test("rejects more texts of a dictionary than its indices count", async () => {
    const texts = Array.from({ length: 257 }, (_, row) => `t${row}`);
    const reading = (rows: number): Promise<unknown> =>
      read(`a\n${texts.slice(0, rows).join("\n")}\n`, {
        columnTypes: { a: new Dictionary(new Utf8(), new Uint8()) },
      });
    expect(await reading(256)).toMatchObject([{ values: texts.slice(0, 256) }]);
    await expect(reading(257)).rejects.toThrow(
      's3://b/k.csv line 258: a is "t256", expected one of at most 2^8 distinct texts',
    );
  });

  test("rejects the type of a missing column", async () => {
    await expect(read("a,b\n1,2\n", { columnTypes: { c: new Float32() } })).rejects.toThrow(
      's3://b/k.csv: column "c" is missing, found "a", "b"',
    );
  });

  test("rejects a type that has no form in CSV", async () => {
    const list = new List(new Field("item", new Int32(), true));
    await expect(read("a\n1\n", { columnTypes: { a: list } })).rejects.toThrow(
      'columnTypes: column "a" cannot be read from CSV as List',
    );
  });
});

describe("other options of readCsv", () => {
  test("reads nullValues as null, except in quotes", async () => {
    expect(await read('a,b\nNA,NA\n1,"NA"\n-,x\n', { nullValues: ["NA", "-"] })).toMatchObject([
      { type: "Int32", values: [null, 1, null] },
      { type: "Utf8", values: [null, "NA", "x"] },
    ]);
  });

  test("reads columnNames instead of a header line", async () => {
    expect(await read("1,x\n2,y", { columnNames: ["n", "t"] })).toMatchObject([
      { name: "n", values: [1, 2] },
      { name: "t", values: ["x", "y"] },
    ]);
    expect(await read("", { columnNames: ["n"] })).toEqual([{ name: "n", type: "Float64", values: [] }]);
  });

  test("throws the signal's reason when it is aborted", async () => {
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await expect(read("a\n1\n", { signal: controller.signal })).rejects.toThrow("enough");
  });

  test.each<[ReadCsvOptions, string]>([
    [{ delimiter: "" }, 'the delimiter is "", expected one or more characters'],
    [{ quote: "''" }, `the quote is "''", expected one character`],
    [{ escape: "\\\\" }, 'the escape is "\\\\\\\\", expected one character'],
    [{ quote: "\n" }, 'the quote is "\\n", expected one or more characters'],
    [{ delimiter: '"' }, 'the delimiter "\\"" and the quote "\\"" overlap'],
    [{ columnNames: [] }, "columnNames is empty, expected at least one name"],
    [{ columnNames: ["a", "a"] }, 'columnNames: columns 1 and 2 are both named "a"'],
  ])("rejects %j", async (options, message) => {
    await expect(read("a\n1\n", options)).rejects.toThrow(message);
  });
});

describe("dialects of CSV", () => {
  const expected = [
    { name: "a", type: "Int32", values: [1, 2] },
    { name: "b", type: "Utf8", values: ["x;y", 'é"\n|'] },
  ];
  test.each<[string, string, ReadCsvOptions]>([
    ["semicolons", 'a;b\n1;"x;y"\n2;"é""\n|"\n', { delimiter: ";" }],
    ["tabs and apostrophes", "a\tb\n1\tx;y\n2\t'é\"\n|'\n", { delimiter: "\t", quote: "'" }],
    ["two characters", 'a||b\n1||x;y\n2||"é""\n|"\n', { delimiter: "||" }],
    ["a character of two bytes", 'a§b\r\n1§x;y\r\n2§"é""\n|"\r\n', { delimiter: "§" }],
    ["a backslash before quotes", 'a,b\n1,"x;y"\n2,"é\\"\n|"\n', { escape: "\\" }],
  ])("reads a dialect with %s", async (_, text, options) => {
    expect(await read(text, options)).toEqual(expected);
  });

  test.each<[string, string | Uint8Array, string]>([
    ["a ragged row", 'a||b\n"1\n"||2\n3\n', 's3://b/k.csv line 4: column "b": found 1 field, expected 2'],
    [
      "an unclosed quote",
      'a||b\n1||"2\n',
      's3://b/k.csv line 2: column "b": Quoted field unterminated, found "2\\n"',
    ],
    [
      "a malformed quote",
      'a||b\n"x\n"||1\n"x"y||2\n',
      's3://b/k.csv line 4: column "a": Trailing quote on quoted field is malformed, found "x\\"y||2\\n"',
    ],
    [
      "bytes that are not UTF-8",
      Buffer.concat([Buffer.from("a||b\né||東京\n1||é"), Uint8Array.of(0xff, 10)]),
      's3://b/k.csv line 3: found "\ufffd\\n", which is not valid UTF-8',
    ],
    [
      "bytes that end within a character",
      Buffer.concat([Buffer.from("a||b\n1||"), Uint8Array.of(0xe6, 0x9d)]),
      's3://b/k.csv line 2: found "\ufffd", which is not valid UTF-8',
    ],
  ])("rejects %s by papaparse", async (_, content, message) => {
    const options = { address: "s3://b/k.csv", delimiter: "||" };
    await expect(readCsv(streamOf(content, 5), options)).rejects.toThrow(message);
  });

  test.each([
    ["a line feed in the header's quotes", '"a\n"||b\r\n1||2\r\n'],
    ["a header longer than what is parsed at a time", `a${"x".repeat(1 << 21)}||b\r\n1||2\r\n`],
  ])("reads line ends of two bytes after %s by papaparse", async (_, text) => {
    const table = await readCsv(streamOf(text), { delimiter: "||" });
    expect([table.schema.names[1], table.getChildAt(1)?.get(0)]).toEqual(["b", 2]);
  });

  test("reads several parts by papaparse", async () => {
    const rows = Array.from({ length: 100_000 }, (_, row) => `${row}||"x\n${row}"\n`);
    const table = await readCsv(streamOf(`a||b\n${rows.join("")}`), { delimiter: "||" });
    expect(table.numRows).toBe(100_000);
    expect(table.getChild("b")?.get(99_999)).toBe("x\n99999");
    const reading = readCsv(streamOf(`a||b\n${rows.join("")}1\n`), { delimiter: "||" });
    await expect(reading).rejects.toThrow('CSV line 200002: column "b": found 1 field, expected 2');
  });
});
