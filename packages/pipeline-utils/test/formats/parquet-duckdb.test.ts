import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  Bool,
  DateDay,
  Float64,
  Int32,
  Int64,
  makeVector,
  Table,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { readParquet } from "../../src/formats/parquet/read-parquet.js";
import { writeParquet } from "../../src/formats/parquet/write-parquet.js";
import { bytesOf, streamOf } from "./bytes.js";
import { plain } from "./plain.js";

// DuckDB's binary is there for the common platforms; elsewhere these tests, which need it, are skipped.
const duckdb = await import("@duckdb/node-api").catch(() => undefined);
const describeWithDuckDb = duckdb === undefined ? describe.skip : describe;

describeWithDuckDb("files are exchanged with DuckDB", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parquet-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The rows of a query, as DuckDB prints their values. */
  async function query(sql: string): Promise<unknown[][]> {
    const instance = await duckdb!.DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowsJson();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  const table = new Table({
    int: vectorFromArray([1, null, -3], new Int32()),
    long: vectorFromArray([2n ** 60n, null, -1n], new Int64()),
    float: vectorFromArray([0.1, null, -2.5], new Float64()),
    bool: vectorFromArray([true, null, false], new Bool()),
    text: vectorFromArray(["é,\n", null, ""], new Utf8()),
    day: vectorFromArray([new Date(Date.UTC(2021, 6, 24)), null, new Date(0)], new DateDay()),
    at: vectorFromArray([Date.UTC(2021, 6, 24, 9, 56, 42, 718), null, 0], new TimestampMicrosecond()),
  });

  test.each(["snappy", "zstd"] as const)("DuckDB reads ours, of %s", async (compression) => {
    const path = join(folder, `ours-${compression}.parquet`);
    await writeFile(path, await bytesOf(writeParquet(table, { compression })));
    expect(await query(`SELECT * FROM '${path}'`)).toEqual([
      [1, "1152921504606846976", 0.1, true, "é,\n", "2021-07-24", "2021-07-24 09:56:42.718"],
      [null, null, null, null, null, null, null],
      [-3, "-1", -2.5, false, "", "1970-01-01", "1970-01-01 00:00:00"],
    ]);
    expect(await query(`SELECT DISTINCT compression FROM parquet_metadata('${path}')`)).toEqual([
      [compression.toUpperCase()],
    ]);
  });

  test("ours have row groups of 131,072", async () => {
    const path = join(folder, "groups.parquet");
    const rows = Int32Array.from({ length: 200_000 }, (_, row) => row);
    await writeFile(path, await bytesOf(writeParquet(new Table({ n: makeVector(rows) }))));
    expect(await query(`SELECT row_group_num_rows FROM parquet_metadata('${path}')`)).toEqual([
      ["131072"],
      ["68928"],
    ]);
  });

  test("we read DuckDB's", async () => {
    const path = join(folder, "theirs.parquet");
    await query(`COPY (
      SELECT * FROM (VALUES
        (1::INTEGER, 1152921504606846976::BIGINT, 0.1::DOUBLE, true, 'é', DATE '2021-07-24', TIMESTAMP '2021-07-24 09:56:42'),
        (NULL, NULL, NULL, NULL, NULL, NULL, NULL)) t("int", "long", "float", "bool", "text", "day", "at")
    ) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
    expect(plain(await readParquet(streamOf(await readFile(path))))).toEqual([
      { name: "int", type: "Int32", values: [1, null] },
      { name: "long", type: "Int64", values: [2n ** 60n, null] },
      { name: "float", type: "Float64", values: [0.1, null] },
      { name: "bool", type: "Bool", values: [true, null] },
      { name: "text", type: "Utf8", values: ["é", null] },
      { name: "day", type: "Date32<DAY>", values: [Date.UTC(2021, 6, 24), null] },
      { name: "at", type: "Timestamp<MICROSECOND>", values: [Date.UTC(2021, 6, 24, 9, 56, 42), null] },
    ]);
  });
});
