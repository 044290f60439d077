import { describe, expect, test } from "@jest/globals";
import { FormatError, readCsv } from "@ml-pipelines/pipeline-utils";
import type { Table } from "apache-arrow";
import { Utf8 } from "apache-arrow";
import fc from "fast-check";
import papa from "papaparse";
import { streamOf } from "./bytes.js";
import { plain } from "./plain.js";
import { runsOf } from "./fuzz.js";

const runs = runsOf(500);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The rows of a table of text, with nulls as empty texts, as in papaparse. */
function rowsOf(table: Table): string[][] {
  const columns = plain(table);
  return Array.from({ length: table.numRows }, (_, row) => columns.map(({ values }) => textOf(values[row])));
}

const rowsByPapaparse = (text: string): string[][] =>
  papa.parse<string[]>(text, { delimiter: ",", newline: "\n" }).data.slice(1);

describe("readCsv beside papaparse", () => {
  const field = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('a1,"\n\ré ')) }));
  const asText = { columnTypes: { a: new Utf8(), b: new Utf8() } };

  test("returns papaparse's fields for well-formed files", async () => {
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

  test("returns papaparse's fields for any text that it accepts", async () => {
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
        if (table === undefined || text.includes("\r")) {
          return;
        }
        expect(rowsOf(table)).toEqual(rowsByPapaparse(text).filter((row) => row.length > 1));
      }),
      { ...runs, numRuns: 4 * runs.numRuns },
    );
  });
});
