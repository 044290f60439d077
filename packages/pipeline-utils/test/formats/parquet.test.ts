import { expect, test } from "@jest/globals";
import { Bool, Float64, Int32, Table, Utf8, vectorFromArray } from "apache-arrow";
import { FormatError } from "../../src/errors.js";
import { readParquet } from "../../src/formats/parquet/read-parquet.js";
import { writeParquet } from "../../src/formats/parquet/write-parquet.js";
import { streamOf } from "./bytes.js";

test.each(["snappy", "zstd"] as const)("a table survives Parquet with %s", async (compression) => {
  const table = new Table({
    int: vectorFromArray([1, null, -3], new Int32()),
    float: vectorFromArray([4, 0.1, null], new Float64()),
    bool: vectorFromArray([true, false, null], new Bool()),
    text: vectorFromArray(["é", null, ""], new Utf8()),
  });
  const again = await readParquet(writeParquet(table, { compression }));
  expect(String(again.schema)).toBe(String(table.schema));
  expect(again.toString()).toBe(table.toString());
});

test("bytes that are no Parquet", async () => {
  const reading = readParquet(streamOf("hello"), { address: "s3://b/k.parquet" });
  await expect(reading).rejects.toThrow(FormatError);
  await expect(reading).rejects.toThrow("s3://b/k.parquet: found 5 bytes, expected a Parquet file, of at least 12");
});
