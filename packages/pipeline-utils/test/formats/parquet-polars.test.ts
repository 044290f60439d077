import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { readParquet } from "@ml-pipelines/pipeline-utils/formats";
import { streamOf } from "./bytes.js";
import { plain } from "./plain.js";

const file = await readFile(new URL("../fixtures/formats/polars.parquet", import.meta.url));

test("reads a file of Polars with its categories, declared as Utf8View", async () => {
  const columns = plain(await readParquet(streamOf(file)));
  expect(columns.map(({ name, type, values }) => [name, type, ...values.map(String)])).toEqual([
    ["text", "Utf8", "é", "null", "long enough to stand apart"],
    ["category", "Dictionary<Uint32, Utf8>", "b", "null", "a"],
    [
      "struct",
      "Struct<{category:Dictionary<Uint32, Utf8>}>",
      '{"category": "b"}',
      '{"category": null}',
      '{"category": "a"}',
    ],
    ["list", "LargeList<Dictionary<Uint32, Utf8>>", "[b]", "[]", "[a]"],
    ["float", "Float64", "1.5", "1.5", "1.5"],
    ["at", "Timestamp<MICROSECOND, Australia/Sydney>", "0", "0", "0"],
  ]);
});

test("reads another column of the file by name", async () => {
  expect(plain(await readParquet(streamOf(file), { columns: ["float"] }))).toEqual([
    { name: "float", type: "Float64", values: [1.5, 1.5, 1.5] },
  ]);
});
