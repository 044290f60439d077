import { describe, expect, test } from "@jest/globals";
import type { ExpectedSchema } from "@ml-pipelines/pipeline-utils";
import { FormatError } from "@ml-pipelines/pipeline-utils";
import type { Table } from "apache-arrow";
import fc from "fast-check";
import { CsvReader } from "../../src/formats/csv/csv-reader.js";
import type { ByteDialect } from "../../src/formats/csv/record-scanner.js";
import { plain } from "./plain.js";
import { runsOf } from "./fuzz.js";

const runs = runsOf(500);

/** Bytes that are kept or freed together. */
const CHUNK = 1 << 12;

type Lines = Pick<ByteDialect, "comment" | "fillsShortRows">;

/** Read a table in blocks of a few bytes, so that every record lies on a border of two. */
function readInBlocks(
  text: string,
  blockBytes: number,
  delimiter = ",",
  schema: ExpectedSchema = {},
  lines: Lines = {},
): Table {
  const settings = { address: "f", quote: 34, nullValues: [], columnTypes: {}, schema, ...lines };
  const reader = new CsvReader({ ...settings, delimiter: delimiter.charCodeAt(0), blockBytes });
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += CHUNK) {
    reader.push(bytes.subarray(start, start + CHUNK));
  }
  return reader.finish();
}

test("returns the same table or error from blocks of any size", () => {
  const piece = fc.constantFrom(
    "a",
    "1",
    "2.5",
    ",",
    ",",
    '"',
    "\n",
    "\n",
    "\r\n",
    "é",
    '"x\n"',
    "1,2\n",
    "true,x\n",
    ",\n",
    "1e5",
    "-0,\n",
    "3, .5\n",
    "9007199254740993,inf\n",
    " \t\n",
    "#",
    "\n#,",
  );
  const outcome = (text: string, blockBytes: number, lines: Lines): unknown => {
    try {
      return plain(readInBlocks(text, blockBytes, ",", {}, lines));
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return String(error);
    }
  };
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.integer({ min: 1, max: 40 }),
      fc.record({ comment: fc.constantFrom(-1, 35), fillsShortRows: fc.boolean() }),
      (pieces, size, lines) => {
        const text = `a,b\n${pieces.join("")}`;
        expect(outcome(text, size, lines)).toEqual(outcome(text, 1000, lines));
      },
    ),
    { ...runs, numRuns: 4 * runs.numRuns },
  );
});

test("reads each text as Number does, wherever the blocks are cut", () => {
  const number = fc.oneof(
    fc.double({ noNaN: true }).map(String),
    fc.integer().map((cents) => (cents / 100).toFixed(2)),
    fc.integer({ min: -400_000, max: 400_000 }).map((tenths) => (tenths / 10).toFixed(1)),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value.toFixed(12)),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    fc.constantFrom("", "0", "-0", "5.", ".5", "1e400", "4.9e-324", "0.000", "12 ", "-Infinity"),
  );
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom("\n", "\r\n", "\n\n"),
      (texts, size, newline) => {
        const lines = ["a,b", "0.5,0.5", ...texts.map((text) => `${text},${text}`)];
        const values = [0.5, ...texts.map((text) => (text === "" ? null : Number(text)))];
        const table = readInBlocks(lines.join(newline), size);
        expect(plain(table).map((column) => column.values)).toEqual([values, values]);
      },
    ),
    { ...runs, numRuns: 4 * runs.numRuns },
  );
});

test("keeps numbers as they were spelled when a late text follows, wherever the blocks are cut", () => {
  const cents = fc.integer({ min: -400_000, max: 400_000 });
  const styles = [
    fc.integer().map(String),
    cents.map((value) => (value / 100).toFixed(2)),
    cents.map((value) => String(value / 100)),
    cents.map((value) => (value % 100 === 0 ? (value / 100).toFixed(1) : String(value / 100))),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value.toFixed(4)),
    fc.double({ noNaN: true }).map(String),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }).map(String),
    fc.constantFrom(
      "0",
      "-0",
      "-0.0",
      "0.0",
      "0.00",
      "5.",
      ".5",
      "1e3",
      " 12",
      "NaN",
      "100",
      "1.10",
      "12345.6",
    ),
    fc.constantFrom("true", "false"),
    fc.constantFrom("True", "False"),
    fc.constantFrom("TRUE", "FALSE"),
  ];
  const texts = fc
    .tuple(fc.constantFrom(...styles), fc.constantFrom(...styles), fc.nat(4))
    .chain(([usual, other, weight]) =>
      fc.array(
        fc.oneof(
          { weight: 20, arbitrary: usual },
          { weight, arbitrary: other },
          { weight, arbitrary: fc.constant("") },
        ),
        { minLength: 1, maxLength: 40 },
      ),
    );
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 80 }), (numbers, size) => {
      const written = [...numbers, "", "x"];
      const fill = (row: number): string => (row === numbers.length ? "y".repeat(2 * CHUNK) : "");
      const lines = written.map((text, row) => `${text},7,${fill(row)}\n`);
      const table = readInBlocks(`a,b,c\n${lines.join("")}`, size);
      const [a, b] = plain(table);
      expect(a?.values).toEqual(written.map((text) => (text === "" ? null : text)));
      expect(b?.values).toEqual(written.map(() => 7));
    }),
    { ...runs, numRuns: 4 * runs.numRuns },
  );
});

test("counts a null once when several blocks hold a part of its record", () => {
  const text = `a,b\n1,x\n,"${"line\n".repeat(20)}"\n3,y\n`;
  for (const size of [8, 16, 1000]) {
    expect(readInBlocks(text, size).getChild("a")?.nullCount).toBe(1);
  }
});

test.each([
  ["integers", ["7", "-300"], [7, -300]],
  ["decimals", ["0.5", "-1.25"], [0.5, -1.25]],
  ["floats", ["0.1234567890123", "1e300"], [0.1234567890123, 1e300]],
  ["texts of one length", ["x", "y"], ["x", "y"]],
  ["texts", ["x", "東京"], ["x", "東京"]],
  ["nothing", ["", ""], [null, null]],
])("reads a column of %s and many nulls, wherever the blocks are cut", (_, texts, values) => {
  const rows = Array.from({ length: 200 }, (_, row) => (row % 19 === 0 ? (row / 19) % 2 : undefined));
  const lines = rows.map((index) => `${index === undefined ? "" : texts[index]!},k\n`);
  const expected = rows.map((index) => (index === undefined ? null : values[index]!));
  for (const size of [1, 8, 64, 256, 1000]) {
    const column = readInBlocks(`a,b\n${lines.join("")}`, size).getChild("a")!;
    expect([...column]).toEqual(expected);
    expect(column.nullCount).toBe(expected.filter((value) => value === null).length);
  }
});

test.each(["x\n,", "x\r\n,"])("returns the line of a fault after many texts: %j", (end) => {
  const text = `a,b\n${`\n"\n",${end}`.repeat(50).slice(0, -1)}1\n`;
  for (const size of [1, 8, 64, 1000]) {
    expect(() => readInBlocks(text, size)).toThrow('f line 152: column "b": found 1 field, expected 2');
  }
});

test("returns the line of every violation, wherever the blocks are cut", () => {
  const long = "x".repeat(2 * CHUNK);
  const before = fc.constantFrom("", "", "", "x", '"x"', '"\n"', '"x\n\ny"', long);
  const record = fc.tuple(fc.constantFrom("", "", "", "\n", "\n\n"), before, fc.boolean());
  const records = fc.array(record, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(records, fc.integer({ min: 1, max: 60 }), fc.boolean(), (rows, size, hasLineEnd) => {
      let text = "before,a\n";
      const lines: number[] = [];
      for (const [blank, before, isWrong] of rows) {
        text += `${blank}${before},`;
        if (isWrong) {
          lines.push(text.split("\n").length);
        }
        text += isWrong ? "ten\n" : "10\n";
      }
      let told = "";
      try {
        readInBlocks(hasLineEnd ? text : text.trimEnd(), size, ",", { a: { type: "number" } });
      } catch (error) {
        told = String(error);
      }
      expect([...told.matchAll(/line (\d+): a is "ten"/g)].map(([, line]) => Number(line))).toEqual(lines);
    }),
    runs,
  );
});

test("reads records of more than half a block", () => {
  const texts = ["1", "2", "x"].map((start) => start.padEnd(60, "0"));
  const text = `a,b\n${texts.map((long, row) => `${row < 2 ? row : "z"},${long}\n`).join("")}`;
  for (const size of [63, 64, 90, 100, 130]) {
    const [a, b] = plain(readInBlocks(text, size));
    expect([a?.values, b?.values]).toEqual([["0", "1", "z"], texts]);
  }
});

test.each([".", "-", "5", "e", " "])("keeps the delimiter %j out of numbers", (delimiter) => {
  const records = Array.from({ length: 20 }, (_, row) => [`${(row % 4) + 1}1`, `${(row % 3) + 1}2`]);
  const text = records.map((fields) => `${fields.join(delimiter)}\n`).join("");
  for (const size of [1, 8, 1000]) {
    const [a, b] = plain(readInBlocks(`a${delimiter}b\n${text}`, size, delimiter));
    expect([a?.values.map(String), b?.values.map(String)]).toEqual(
      [0, 1].map((column) => records.map((fields) => fields[column]!)),
    );
  }
});

describe("types of whole columns in several blocks", () => {
  test.each([
    ["a late text", ["1", "2", "007"], "Utf8", ["1", "2", "007"]],
    ["a late decimal", ["1", "", "2.5"], "Float64", [1, null, 2.5]],
    ["a late large integer", ["1", "2147483648"], "Float64", [1, 2147483648]],
    ["a late integer beyond 2^53", ["1", "9007199254740993"], "Utf8", ["1", "9007199254740993"]],
    [
      "an integer beyond 2^53 among decimals",
      ["9007199254740993", "0.5"],
      "Float64",
      [9007199254740992, 0.5],
    ],
    ["a late number among truth values", ["true", "1"], "Utf8", ["true", "1"]],
    ["a late value after nulls", ["", "", "x"], "Utf8", [null, null, "x"]],
    ["a late truth value after nulls", ["", "false"], "Bool", [null, false]],
    ["a late quoted number", ["1", '"2"'], "Utf8", ["1", "2"]],
    ["no value at all", ["", ""], "Float64", [null, null]],
  ])("returns the type and values of a column with %s", (_, fields, type, values) => {
    const text = `a,b\n${fields.map((field) => `${field},\n`).join("")}`;
    for (const size of [1, 8, 1000]) {
      expect(plain(readInBlocks(text, size))[0]).toEqual({ name: "a", type, values });
    }
  });
});
