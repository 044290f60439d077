import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
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
import { bytesOf, streamOf } from "./bytes.js";
import { plain } from "./plain.js";

// DuckDB has binaries for the common platforms. Elsewhere, the tests that need it are skipped.
const duckdb = await import("@duckdb/node-api").catch(() => undefined);
const describeWithDuckDb = duckdb === undefined ? describe.skip : describe;

describeWithDuckDb("files exchanged with DuckDB", () => {
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

  test.each(["snappy", "zstd"] as const)("writes a file that DuckDB reads, with %s", async (compression) => {
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

  test("writes row groups of 131,072 rows", async () => {
    const path = join(folder, "groups.parquet");
    const rows = Int32Array.from({ length: 200_000 }, (_, row) => row);
    await writeFile(path, await bytesOf(writeParquet(new Table({ n: makeVector(rows) }))));
    expect(await query(`SELECT row_group_num_rows FROM parquet_metadata('${path}')`)).toEqual([
      ["131072"],
      ["68928"],
    ]);
  });

  test("reads a file of DuckDB", async () => {
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

  test.each<[sql: string, type: string, value: string]>([
    ["1::TINYINT", "Int8", "1"],
    ["255::UTINYINT", "Uint8", "255"],
    ["-1::SMALLINT", "Int16", "-1"],
    ["65535::USMALLINT", "Uint16", "65535"],
    ["4294967295::UINTEGER", "Uint32", "4294967295"],
    ["18446744073709551615::UBIGINT", "Uint64", "18446744073709551615"],
    ["2::HUGEINT", "Float64", "2"],
    ["1.5::FLOAT", "Float32", "1.5"],
    ["-1.23::DECIMAL(4, 2)", "Decimal[4e+2]", "-123"],
    ["-1.23::DECIMAL(38, 2)", "Decimal[38e+2]", "-123"],
    ["'\\xAA\\x00'::BLOB", "Binary", "170,0"],
    ["'101'::BIT", "Utf8", "101"],
    [
      "'00000000-0000-0000-0000-000000000102'::UUID",
      "FixedSizeBinary[16]",
      "0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,2",
    ],
    ["TIME '00:00:01.5'", "Time64<MICROSECOND>", "1500000"],
    ["'1970-01-01 00:00:01.5'::TIMESTAMP_MS", "Timestamp<MILLISECOND>", "1500"],
    ["'1970-01-01 00:00:01.5'::TIMESTAMP_NS", "Timestamp<NANOSECOND>", "1500"],
    ["'1970-01-01 02:00:01+02'::TIMESTAMPTZ", "Timestamp<MICROSECOND, UTC>", "1000"],
    ["INTERVAL '2 days 3 seconds'", "Interval<DAY_TIME>", "2,3000"],
    ["'b'::ENUM('a', 'b')", "Utf8", "b"],
    ["[1, NULL, 3]", "List<Int32>", "[1,,3]"],
    ["[1, 2]::INTEGER[2]", "List<Int32>", "[1,2]"],
    ["[[1], NULL]", "List<List<Int32>>", "[[1],]"],
    ["{'a': 1, 'b': NULL::VARCHAR}", "Struct<{a:Int32, b:Utf8}>", '{"a": 1, "b": null}'],
    ["MAP {'k': 1}", "Map<{key:Utf8, value:Int32}>", '{"k": 1}'],
  ])("reads %s of DuckDB", async (sql, type, value) => {
    const path = join(folder, "type.parquet");
    await query(
      `COPY (SELECT * FROM (VALUES (${sql}), (NULL), (${sql})) t(v)) TO '${path}' (FORMAT parquet)`,
    );
    const [column] = plain(await readParquet(streamOf(await readFile(path))));
    expect([column?.type, ...column!.values.map(String)]).toEqual([type, value, "null", value]);
  });

  test.each([
    "COMPRESSION uncompressed",
    "COMPRESSION gzip",
    "COMPRESSION brotli",
    "COMPRESSION lz4_raw",
    "PARQUET_VERSION v2",
    "ROW_GROUP_SIZE 2048",
  ])("reads a file of DuckDB with %s", async (options) => {
    const path = join(folder, "options.parquet");
    await query(`COPY (SELECT i, (i % 7)::VARCHAR AS t, i / 8 AS f FROM range(10000) r(i))
      TO '${path}' (FORMAT parquet, ${options})`);
    const table = await readParquet(streamOf(await readFile(path)));
    expect(table.getChild("i")?.toArray()).toEqual(
      BigInt64Array.from({ length: 10_000 }, (_, row) => BigInt(row)),
    );
    expect(table.getChild("f")?.toArray()).toEqual(
      Float64Array.from({ length: 10_000 }, (_, row) => row / 8),
    );
    expect([...table.getChild("t")!]).toEqual(Array.from({ length: 10_000 }, (_, row) => String(row % 7)));
  });

  test("reads a file of DuckDB without rows", async () => {
    const path = join(folder, "empty.parquet");
    await query(`COPY (SELECT 1 AS a, 'x' AS b WHERE false) TO '${path}' (FORMAT parquet)`);
    expect(plain(await readParquet(streamOf(await readFile(path)), { columns: ["b", "a"] }))).toEqual([
      { name: "b", type: "Utf8", values: [] },
      { name: "a", type: "Int32", values: [] },
    ]);
  });
});
