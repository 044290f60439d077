import { deepEqual } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { fromArrow, op } from "arquero";
import { readCsv, writeParquet } from "@ml-pipelines/pipeline-utils";

// What the data of a Dataset is: `const { data } = await getLatestCsvDatasetFromS3(…)`.
const data = await readCsv(
  Readable.from([Buffer.from("product_code,hours_to_dispatch\nSKU001,1\nSKU002,4\nSKU001,2\n")]),
);

test("arquero takes a Dataset's Table as it is", () => {
  // @ts-expect-error -- It does at run time; its declarations (7.2) describe Arrow's table in types of their own. Where that
  // is in the way, `fromArrow(tableToIPC(data))` is the same.
  const orders = fromArrow(data);
  const means = orders
    .groupby("product_code")
    .rollup({ hours: op.mean("hours_to_dispatch") })
    .orderby("product_code");
  deepEqual(means.objects(), [
    { product_code: "SKU001", hours: 1.5 },
    { product_code: "SKU002", hours: 4 },
  ]);
});

test("DuckDB takes a Dataset's Table as Parquet", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "explore-"));
  try {
    const file = path.join(folder, "orders.parquet");
    await writeFile(file, writeParquet(data));
    const connection = await (await DuckDBInstance.create()).connect();
    const means = await connection.runAndReadAll(
      `SELECT product_code, avg(hours_to_dispatch) AS hours FROM '${file}' GROUP BY 1 ORDER BY 1`,
    );
    deepEqual(means.getRowObjects(), [
      { product_code: "SKU001", hours: 1.5 },
      { product_code: "SKU002", hours: 4 },
    ]);
    connection.closeSync();
  } finally {
    await rm(folder, { recursive: true });
  }
});
