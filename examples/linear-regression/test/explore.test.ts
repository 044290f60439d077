import { expect, test } from "@jest/globals";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { createDuckDB, NODE_RUNTIME, VoidLogger } from "@duckdb/duckdb-wasm/blocking";
import { tableToIPC } from "apache-arrow";
import { fromArrow, op } from "arquero";
import { readCsv } from "@ml-pipelines/pipeline-utils";

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
  expect(means.objects()).toEqual([
    { product_code: "SKU001", hours: 1.5 },
    { product_code: "SKU002", hours: 4 },
  ]);
});

test("DuckDB takes a Dataset's Table as it is", async () => {
  const { resolve } = createRequire(import.meta.url);
  const bundle = (name: string) => ({
    mainModule: resolve(`@duckdb/duckdb-wasm/dist/duckdb-${name}.wasm`),
    mainWorker: "",
  });
  const database = await createDuckDB(
    { mvp: bundle("mvp"), eh: bundle("eh") },
    new VoidLogger(),
    NODE_RUNTIME,
  );
  await database.instantiate();
  const connection = database.connect();
  connection.insertArrowFromIPCStream(tableToIPC(data, "stream"), { name: "orders" });
  const means = connection.query(
    "SELECT product_code, avg(hours_to_dispatch) AS hours FROM orders GROUP BY 1 ORDER BY 1",
  );
  expect(means.toArray().map(String)).toEqual([
    '{"product_code": "SKU001", "hours": 1.5}',
    '{"product_code": "SKU002", "hours": 4}',
  ]);
});
