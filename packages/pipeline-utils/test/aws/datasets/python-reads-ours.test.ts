import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Bool, Float64, Int32, Table, Utf8, vectorFromArray } from "apache-arrow";

import { putCsvDatasetToS3 } from "../../../src/aws/datasets/put-dataset.js";
import { bytesOf } from "../../formats/bytes.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const reader = fileURLToPath(new URL("../../fixtures/python-datasets/read-dataset.py", import.meta.url));
// Debian's, whose pandas its package manager installs.
const PYTHON = "/usr/bin/python3";
const hasPandas = spawnSync(PYTHON, ["-c", "import pandas"]).status === 0;
if (!hasPandas)
  process.stderr.write("SKIPPED: no pandas, so it is not tested here that Python reads our datasets\n");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

(hasPandas ? test : test.skip)("a dataset written here is read by Python as it was", async () => {
  const columns = {
    product_code: ["SKU001", 'é, "quoted"\nand more', null],
    orders_placed: [100, 0, -9],
    hours_to_dispatch: [0.1, 1e-7, null],
    express: [true, false, true],
  };
  const data = new Table({
    product_code: vectorFromArray(columns.product_code, new Utf8()),
    orders_placed: vectorFromArray(columns.orders_placed, new Int32()),
    hours_to_dispatch: vectorFromArray(columns.hours_to_dispatch, new Float64()),
    express: vectorFromArray(columns.express, new Bool()),
  });
  const artefact = await putCsvDatasetToS3(data, {
    filenamePrefix: "time_to_dispatch",
    refDatetime: new Date("2021-07-03T23:05:32Z"),
    bucket: await s3.bucket(),
    folder: "datasets",
    client: s3.client,
  });
  const input = await bytesOf(await artefact.get());
  const { stdout, stderr } = spawnSync(PYTHON, [reader, artefact.key], { input, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    datetime: "2021-07-03T23:05:32",
    types: { product_code: "object", orders_placed: "int64", hours_to_dispatch: "float64", express: "bool" },
    columns,
  });
});
