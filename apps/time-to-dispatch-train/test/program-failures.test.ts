import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { DATASET, TrainProgram } from "./support/train-program.js";

const sample = sampleDataset();
const [header = "", firstRow = ""] = sample.split("\n");

let program: TrainProgram;
beforeAll(async () => {
  program = await TrainProgram.start();
});
afterAll(() => program.stop());

describe("the failing program", () => {
  test.each([
    [
      "no label column",
      ["orders_placed,product_code", "3,SKU001"].join("\n"),
      'column "hours_to_dispatch" is missing',
    ],
    ["a product code of another form", `${sample}1,2,ABC\n`, 'line 1002: product_code is "ABC"'],
    ["text among the numbers", `${sample}ten,2,SKU001\n`, 'line 1002: hours_to_dispatch is "ten"'],
    ["zero rows", `${header}\n`, "no rows below the header"],
    ["zero bytes", Buffer.alloc(0), "empty"],
    ["a cut in the last row", `${header}\n${firstRow}\n1.5,2`, "line 3"],
    ["a cut in the last value", sample.slice(0, -4), "product_code is"],
    ["no UTF-8", Buffer.from(`${sample}1,2,SKU\u00e901\n`, "latin1"), "UTF-8"],
  ])("writes nothing and names the fault in one line when a dataset has %s", async (_, csv, message) => {
    const bucket = await program.bucketWith(csv);
    const { code, output } = await program.run([bucket, "0.8", "0.9"]);
    const errors = output.split("\n").filter((line) => line.includes(" - ERROR - "));
    expect(errors).toEqual([expect.stringContaining(`s3://${bucket}/${DATASET}`)]);
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(output).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
    expect(await program.models(bucket)).toEqual([]);
  });
});
