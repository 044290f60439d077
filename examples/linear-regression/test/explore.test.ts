import { deepEqual } from "node:assert/strict";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { test } from "node:test";
import { createDuckDB, NODE_RUNTIME, VoidLogger } from "@duckdb/duckdb-wasm/blocking";
import { tableToIPC } from "apache-arrow";
import { fromArrow, op } from "arquero";
import { readCsv } from "@ml-pipelines/pipeline-utils";

// The data of a Dataset: `const { data } = await getLatestCsvDatasetFromS3(…)`.
const data = await readCsv(
  Readable.from([
    Buffer.from(
      "product_code,orders_placed,hours_to_dispatch,express\nSKU001,10,1.5,true\nSKU002,,4,false\nSKU001,20,2.5,\n",
    ),
  ]),
);

test("passes a Dataset's Table to arquero as it is", () => {
  // @ts-expect-error -- It does at run time; its declarations (7.2) describe Arrow's table in types of their own. Where that
  // is in the way, `fromArrow(tableToIPC(data))` is the same.
  const orders = fromArrow(data);
  const means = orders
    .groupby("product_code")
    .rollup({ hours: op.mean("hours_to_dispatch"), known: op.valid("orders_placed") })
    .orderby("product_code");
  deepEqual(means.objects(), [
    { product_code: "SKU001", hours: 2, known: 2 },
    { product_code: "SKU002", hours: 4, known: 0 },
  ]);
});

test("passes a Dataset's Table to DuckDB as Arrow bytes, with its types and nulls", async () => {
  const connection = await connectToDuckDb();
  connection.insertArrowFromIPCStream(tableToIPC(data, "stream"), { name: "orders" });
  const rows = (sql: string): unknown[] => connection.query(sql).toArray().map(String);
  deepEqual(rows("SELECT column_name AS name, column_type AS type FROM (DESCRIBE orders)"), [
    '{"name": "product_code", "type": "VARCHAR"}',
    '{"name": "orders_placed", "type": "INTEGER"}',
    '{"name": "hours_to_dispatch", "type": "DOUBLE"}',
    '{"name": "express", "type": "BOOLEAN"}',
  ]);
  deepEqual(
    rows(`SELECT product_code, avg(hours_to_dispatch) AS hours, count(orders_placed) AS known
            FROM orders GROUP BY 1 ORDER BY 1`),
    [
      '{"product_code": "SKU001", "hours": 2, "known": 2}',
      '{"product_code": "SKU002", "hours": 4, "known": 0}',
    ],
  );
  connection.close();
});

/** A database in memory, of the package that runs in browsers too: the only one for Node that takes Arrow. */
async function connectToDuckDb() {
  const { resolve } = createRequire(import.meta.url);
  const bundle = (name: string) => ({
    mainModule: resolve(`@duckdb/duckdb-wasm/dist/duckdb-${name}.wasm`),
    mainWorker: "",
  });
  const bundles = { mvp: bundle("mvp"), eh: bundle("eh") };
  const database = await createDuckDB(bundles, new VoidLogger(), NODE_RUNTIME);
  await database.instantiate();
  return database.connect();
}
