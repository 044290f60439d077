import { expect, test } from "@jest/globals";
import { Bool, Float64, Int32, Table, Utf8, vectorFromArray } from "apache-arrow";
import { readCsv } from "../../src/formats/csv/read-csv.js";
import { writeCsv } from "../../src/formats/csv/write-csv.js";
import { streamOf, textOf } from "./bytes.js";

test("writes what readCsv reads back, in values and types", async () => {
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
