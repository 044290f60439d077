import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { readCsv } from "@ml-pipelines/pipeline-utils";
import { streamOf } from "./bytes.js";
import { plain } from "./plain.js";

const folder = new URL("../fixtures/formats/", import.meta.url);
type Cell = null | boolean | string | { readonly number: string };
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Record<
  string,
  Record<string, Cell[]>
>;

/** The value that readCsv has for a cell of pandas. */
function valueOf(cell: Cell): unknown {
  if (typeof cell !== "object" || cell === null) {
    return cell;
  }
  return Number(cell.number.replace("inf", "Infinity"));
}

test.each(Object.keys(expected))("reads %s.csv as pandas does", async (name) => {
  const table = await readCsv(streamOf(readFileSync(new URL(`${name}.csv`, folder)), 100));
  const values = Object.fromEntries(plain(table).map((column) => [column.name, column.values]));
  const wanted = Object.entries(expected[name]!).map(([column, cells]) => [column, cells.map(valueOf)]);
  expect(values).toEqual(Object.fromEntries(wanted));
});
