import { describe, expect, test } from "@jest/globals";
import { type Table, Utf8 } from "apache-arrow";
import fc from "fast-check";
import papa from "papaparse";
import { FormatError } from "../../src/errors.js";
import { CsvReader } from "../../src/formats/csv/csv-reader.js";
import { readCsv } from "../../src/formats/csv/read-csv.js";
import { streamOf } from "./bytes.js";
import { plain } from "./plain.js";

/** More by `FUZZ_RUNS=100000 npm run jest -- csv-differential`. */
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 500) };

/** A table read in blocks of a few bytes, so that every record lies on a border of two. */
function readInBlocks(text: string, blockBytes: number): Table {
  const settings = { address: "f", delimiter: 44, quote: 34, nullValues: [], columnTypes: {}, schema: {} };
  const reader = new CsvReader({ ...settings, blockBytes });
  reader.push(Buffer.from(text));
  return reader.finish();
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The rows of a table of text, nulls as papaparse has them. */
function rowsOf(table: Table): string[][] {
  const columns = plain(table);
  return Array.from({ length: table.numRows }, (_, row) => columns.map(({ values }) => textOf(values[row])));
}

const rowsByPapaparse = (text: string): string[][] =>
  papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data.slice(1);

describe("readCsv reads the fields that papaparse reads", () => {
  const field = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('a1,"\n\ré ')) }));
  const asText = { columnTypes: { a: new Utf8(), b: new Utf8() } };

  test("of well-formed files", async () => {
    const rows = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.boolean(),
        fc.constantFrom("\n", "\r\n"),
        async (records, quotes, newline) => {
          const text = papa.unparse({ fields: ["a", "b"], data: records }, { quotes, newline });
          const expected = papa.parse<string[]>(text, { delimiter: ",", newline }).data.slice(1);
          expect(expected).toEqual(records);
          expect(rowsOf(await readCsv(streamOf(text), asText))).toEqual(expected);
        },
      ),
      runs,
    );
  });

  test("of any text that it accepts at all", async () => {
    const piece = fc.constantFrom(
      "a",
      "1",
      ",",
      ",",
      '"',
      '"',
      "\n",
      "\n",
      "\r\n",
      " ",
      "é",
      '"x"',
      '""',
      "1,2\n",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const text = `a,b\n${pieces.join("")}`;
        const table = await readCsv(streamOf(text, 7), asText).catch((error: unknown) => {
          expect(error).toBeInstanceOf(FormatError);
        });
        if (table === undefined || text.includes("\r")) return;
        expect(rowsOf(table)).toEqual(rowsByPapaparse(text).filter((row) => row.length > 1));
      }),
      { numRuns: 4 * runs.numRuns },
    );
  });
});

test("blocks of any size make the same table, or the same error", () => {
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
  );
  const outcome = (text: string, blockBytes: number): unknown => {
    try {
      return plain(readInBlocks(text, blockBytes));
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return String(error);
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (pieces, size) => {
      const text = `a,b\n${pieces.join("")}`;
      expect(outcome(text, size)).toEqual(outcome(text, 1000));
    }),
    { numRuns: 4 * runs.numRuns },
  );
});

describe("types are those of whole columns, across blocks", () => {
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
  ])("%s", (_, fields, type, values) => {
    const text = `a,b\n${fields.map((field) => `${field},\n`).join("")}`;
    for (const size of [1, 8, 1000])
      expect(plain(readInBlocks(text, size))[0]).toEqual({ name: "a", type, values });
  });
});
