import { describe, expect, test } from "@jest/globals";
import { FormatError, readCsv } from "@ml-pipelines/pipeline-utils";
import type { Table } from "apache-arrow";
import { streamOf } from "./bytes.js";

const read = (text: string | Uint8Array): Promise<Table> =>
  readCsv(streamOf(text, 3), { address: "s3://b/k.csv" });
const typesOf = (table: Table): string[] => table.schema.fields.map((field) => String(field.type));
const valuesOf = (table: Table): unknown[][] =>
  table.schema.fields.map((_, index) => [...(table.getChildAt(index) ?? [])] as unknown[]);

describe("the inferred types of whole columns", () => {
  test.each([
    ["1\n-2\n0\n", "Int32", [1, -2, 0]],
    ["1\n2.5\n3\n", "Float64", [1, 2.5, 3]],
    ["1\n2147483648\n", "Float64", [1, 2147483648]],
    ["9007199254740993\n1\n", "Utf8", ["9007199254740993", "1"]],
    ["1e3\n.5\n5.\n", "Float64", [1000, 0.5, 5]],
    ["true\nFALSE\nTrue\n", "Bool", [true, false, true]],
    ["1\n2\n007\n", "Utf8", ["1", "2", "007"]],
    ["1.50\nx\n", "Utf8", ["1.50", "x"]],
    ["true\n1\n", "Utf8", ["true", "1"]],
    ["NA\nnull\n", "Utf8", ["NA", "null"]],
  ])("reads %j as %s", async (body, type, values) => {
    const table = await read(`a\n${body}`);
    expect(typesOf(table)).toEqual([type]);
    expect(valuesOf(table)).toEqual([values]);
  });

  test("returns null for an empty field", async () => {
    const table = await read("a,b\n1,\n,x\n");
    expect(valuesOf(table)).toEqual([
      [1, null],
      [null, "x"],
    ]);
  });
});

describe("RFC 4180", () => {
  test("reads quotes, quoted line breaks, CRLF, a byte order mark and no last line end", async () => {
    const table = await read('\ufeff"a,1",b\r\n"x\r\n""y""",東京\r\n"z",é');
    expect(table.schema.names).toEqual(["a,1", "b"]);
    expect(valuesOf(table)).toEqual([
      ['x\r\n"y"', "z"],
      ["東京", "é"],
    ]);
  });

  test("reads a byte order mark before a first record longer than a block, without a header", async () => {
    const text = `\ufeff1,${"x".repeat(1 << 20)}\n2,y\n`;
    const table = await readCsv(streamOf(text), { columnNames: ["a", "b"] });
    expect(typesOf(table)).toEqual(["Int32", "Utf8"]);
  });

  test.each([",b\n0,x\n", '"",b\n0,x\n', "\ufeff,b\r\n0,x\r\n"])(
    "names the index that pandas writes: %j",
    async (text) => {
      const table = await read(text);
      expect(table.schema.fields.map(({ name }) => name)).toEqual(["Unnamed: 0", "b"]);
      expect(valuesOf(table)).toEqual([[0], ["x"]]);
    },
  );

  test("returns few batches of many columns, whose cost grows with their square", async () => {
    const columns = 4000;
    const header = Array.from({ length: columns }, (_, column) => `c${column}`).join(",");
    const row = Array<string>(columns).fill("1").join(",");
    const table = await readCsv(streamOf(`${header}\n${`${row}\n`.repeat(1000)}`));
    expect([table.numRows, table.numCols]).toEqual([1000, columns]);
    expect(table.batches.length).toBeLessThan(4);
  });

  test("returns a table without rows for a header alone", async () => {
    const table = await read("a,b\n");
    expect([table.numRows, table.numCols]).toEqual([0, 2]);
  });
});

test("returns exact decimals of few digits, also in columns with other numbers", async () => {
  const texts = ["0.1", "-0.3", "327.67", "-327.68", "9.999", "0.0001", "-0.0", "0.0", "1.005", "12"];
  const others = ["", "3276.8", "0.00001", "32768", "1e-7", "NaN", "-Infinity"];
  for (const all of [...texts.map((text) => [text, ""]), texts, [...texts, ...others]]) {
    const table = await read(`a,b\n${all.map((text) => `${text},\n`).join("")}`);
    const wanted = all.map((text) => (text === "" ? null : Number(text)));
    expect(valuesOf(table)[0]).toEqual(wanted);
  }
});

test("keeps long texts of a column when others follow", async () => {
  // Records longer than a block, with texts that just fill the memory they are gathered in.
  const texts = ["a", "b", "c"].map((letter, row) => letter.repeat(4_000_000 - 1000 * row));
  const column = (await readCsv(streamOf(`a,b\n${texts.map((text) => `${text},z\n`).join("")}`))).getChild(
    "a",
  );
  expect(texts.map((text, row) => column?.get(row) === text)).toEqual([true, true, true]);
});

test.each(['a,b\n1,2\n3,"x\n', '\n\na,"b'])("rejects a record at 32 MiB, after %j", async (begin) => {
  async function* endless(): AsyncIterable<Uint8Array> {
    yield Buffer.from(begin);
    const chunk = Buffer.alloc(1 << 20, "xyz\n");
    for (;;) {
      yield chunk;
    }
  }
  const reading = readCsv(endless(), { address: "s3://b/k.csv" });
  await expect(reading).rejects.toThrow(FormatError);
  await expect(reading).rejects.toThrow(
    "s3://b/k.csv line 3: found a record of at least 33554432 bytes; is a quote never closed?",
  );
});

describe("malformed files", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["an empty file", "", "s3://b/k.csv: the file is empty, expected a header line"],
    ["a row too short", "a,b\n1,2\n3\n", 's3://b/k.csv line 3: column "b": found 1 field, expected 2'],
    [
      "a row too long",
      'a,b\n"1\n",2\n3,4,5\n',
      's3://b/k.csv line 4: column "b": found 3 fields, expected 2',
    ],
    [
      "an unclosed quote",
      'a\n"x\n',
      's3://b/k.csv line 2: column "a": a quote is opened and never closed, before "x\\n"',
    ],
    ["text after quotes", 'a\n"x"y\n', 's3://b/k.csv line 2: column "a": found "y" after a closing quote'],
    [
      "a lone carriage return",
      "a,b\n1,2\r3\n",
      's3://b/k.csv line 2: column "b": found a carriage return without',
    ],
    [
      "a first column without a name beside one of pandas' for it",
      ",Unnamed: 0\n1,2\n",
      "s3://b/k.csv line 1: column 1 of 2 has no name",
    ],
    [
      "two columns without a name, as pandas writes an index of two levels",
      ",,c\n1,2,3\n",
      "s3://b/k.csv line 1: column 2 of 3 has no name",
    ],
    ["a column without a name", "a,,c\n1,2,3\n", "s3://b/k.csv line 1: column 2 of 3 has no name"],
    ["two columns of one name", "a,b,a\n1,2,3\n", 's3://b/k.csv line 1: columns 1 and 3 are both named "a"'],
    [
      "too many columns",
      "x,".repeat(1_000_000),
      "s3://b/k.csv line 1: found 1000001 columns, expected at most 16384",
    ],
    [
      "bytes that are not UTF-8",
      Uint8Array.of(97, 44, 98, 10, 49, 44, 50, 10, 51, 44, 0xff, 10),
      's3://b/k.csv line 3: column "b": found "\ufffd", which is not valid UTF-8',
    ],
    [
      "bytes that are not UTF-8 deep in a field of many lines",
      Buffer.concat([
        Buffer.from(`a,b\n1,"${"東京 é\n".repeat(100)}`),
        Uint8Array.of(0xe6, 0x9d),
        Buffer.from('z"\n'),
      ]),
      's3://b/k.csv line 102: column "b": found "\ufffdz", which is not valid UTF-8',
    ],
    [
      "bytes that are not UTF-8 beside numbers",
      Buffer.concat([
        Buffer.from(`nn,t\n${"100,é\n".repeat(160_000)}${"1,é\n".repeat(2000)}1,`),
        Uint8Array.of(0xff, 10),
      ]),
      's3://b/k.csv line 162002: column "t": found "\ufffd", which is not valid UTF-8',
    ],
    ["a header that is not UTF-8", Uint8Array.of(97, 0xff, 10), "s3://b/k.csv line 1: found "],
  ])("rejects %s", async (_, content, message) => {
    const reading = readCsv(streamOf(content, 65_537), { address: "s3://b/k.csv" });
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });
});
