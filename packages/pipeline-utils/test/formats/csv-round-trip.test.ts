import { describe, expect, test } from "@jest/globals";
import { readCsv, writeCsv } from "@ml-pipelines/pipeline-utils";
import type { DataType } from "apache-arrow";
import { Table } from "apache-arrow";
import fc from "fast-check";
import { anyTable, dictionaryTable, inferredTable } from "./arbitrary-table.js";
import { bytesOf, streamOf } from "./bytes.js";
import { plain } from "./plain.js";
import { runsOf } from "./fuzz.js";

const runs = runsOf(300);
const typesOf = (table: Table): Record<string, DataType> =>
  Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, type as DataType]));

describe("readCsv after writeCsv", () => {
  test("returns the table with inferred types", async () => {
    await fc.assert(
      fc.asyncProperty(inferredTable, async (table) => {
        expect(plain(await readCsv(writeCsv(table)))).toEqual(plain(table));
      }),
      runs,
    );
  });

  test.each([
    ["any type", anyTable],
    ["dictionaries", dictionaryTable],
  ])("returns the table with %s when columnTypes name them", async (_, tables) => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        expect(plain(await readCsv(writeCsv(table), { columnTypes: typesOf(table) }))).toEqual(plain(table));
      }),
      runs,
    );
  });

  test("returns the table from slices and several batches", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, fc.nat(20), fc.nat(20), async (table, start, length) => {
        const slice = table.slice(start, start + length);
        const joined = new Table([...slice.batches, ...table.batches]);
        expect(plain(await readCsv(writeCsv(joined), { columnTypes: typesOf(table) }))).toEqual(
          plain(joined),
        );
      }),
      runs,
    );
  });
});

test("returns the same table for chunks of any size", async () => {
  await fc.assert(
    fc.asyncProperty(inferredTable, fc.integer({ min: 1, max: 50 }), async (table, size) => {
      const bytes = await bytesOf(writeCsv(table));
      expect(plain(await readCsv(streamOf(bytes, size)))).toEqual(plain(table));
    }),
    runs,
  );
});
