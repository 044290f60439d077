import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Bool, Float64, Int32, Table, Utf8, vectorFromArray } from "apache-arrow";

import { findLatestArtefactOnS3, putCsvDatasetToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { bytesOf } from "../../formats/bytes.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const fixtures = fileURLToPath(new URL("../../fixtures/python-datasets/", import.meta.url));
// Debian's, whose pandas its package manager installs.
const PYTHON = "/usr/bin/python3";
const hasPandas = spawnSync(PYTHON, ["-c", "import pandas"]).status === 0;
if (!hasPandas) {
  process.stderr.write("SKIPPED: no pandas, so what it writes and reads was not compared here\n");
}

/** The latest object by the Python package, and its values. */
function readByPython(texts: Readonly<Record<string, string>>): Record<string, unknown> {
  const input = JSON.stringify(texts);
  const reader = path.join(fixtures, "read-dataset.py");
  const { stdout, stderr } = spawnSync(PYTHON, [reader], { input, encoding: "utf8" });
  expect(stderr).toBe("");
  const parse: (json: string) => Record<string, unknown> = JSON.parse;
  return parse(stdout);
}

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

(hasPandas ? describe : describe.skip)("datasets exchanged with pandas", () => {
  test("finds the fixtures equal to what pandas writes", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "python-datasets-"));
    try {
      const script = path.join(fixtures, "make-datasets.py");
      const { stderr } = spawnSync(PYTHON, [script, "--csv"], { cwd: folder, encoding: "utf8" });
      expect(stderr).toBe("");
      const written = readdirSync(folder).filter((name) => name.endsWith(".csv"));
      expect(written).toEqual(readdirSync(fixtures).filter((name) => name.endsWith(".csv")));
      for (const name of written) {
        expect(readFileSync(path.join(folder, name), "utf8")).toBe(
          readFileSync(path.join(fixtures, name), "utf8"),
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("writes a dataset that Python reads unchanged as the latest", async () => {
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
    const text = (await bytesOf(await artefact.get())).toString();
    const earlier = "datasets/time_to_dispatch_2021-07-03T23:05:31.csv";
    expect(readByPython({ [artefact.key]: text, [earlier]: "a\n1\n" })).toEqual({
      key: "datasets/time_to_dispatch_2021-07-03T23:05:32.csv",
      datetime: "2021-07-03T23:05:32",
      types: {
        product_code: "object",
        orders_placed: "int64",
        hours_to_dispatch: "float64",
        express: "bool",
      },
      columns,
    });
  });

  test.each([
    [["datasets/orders_2021-07-01T16|45|38.csv", "datasets/orders_2021-07-01T16|45|37.csv"]],
    [["datasets/orders_2021-07-01.csv", "datasets/orders_2021-06-30T23:59:59.csv", "datasets/orders.csv"]],
    [["datasets/orders_2021-07-01 16-45-38.csv", "datasets/orders_2021-07-01T09:00:00.csv"]],
    [["datasets/2021-07-03T23:05:32.csv", "datasets/zeta_2021-07-02T23:05:32.csv"]],
  ])("finds the same latest dataset and time as Python among %j", async (keys) => {
    const bucket = await s3.bucket();
    for (const key of keys) {
      await putPlain(s3.client, bucket, key, "a\n1\n");
    }
    const latest = await findLatestArtefactOnS3("csv", bucket, { folder: "datasets", client: s3.client });
    const byPython = readByPython(Object.fromEntries(keys.map((key) => [key, "a\n1\n"])));
    expect([latest.key, byPython.key]).toEqual([keys[0], keys[0]]);
    expect(`${String(byPython.datetime)}.000Z`).toBe(latest.timestamp.toISOString());
  });
});
