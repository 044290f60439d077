import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
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

describe("what ends in one clear line, with nothing written", () => {
  async function expectFailure(
    bucket: string,
    code: number,
    messages: string[],
    env?: Record<string, string>,
  ) {
    const result = await program.run([bucket, "0.8", "0.9"], env);
    const errors = result.output.split("\n").filter((line) => line.includes(" - ERROR - "));
    expect(errors).toHaveLength(1);
    for (const message of messages) expect(errors[0]).toContain(message);
    expect(result.output).not.toMatch(/^ +at /m);
    expect(result.code).toBe(code);
  }

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
  ])("a dataset with %s", async (_, csv, message) => {
    const bucket = await program.bucketWith(csv);
    await expectFailure(bucket, 2, [`s3://${bucket}/${DATASET}`, message]);
    expect(await program.models(bucket)).toEqual([]);
  });

  test("an empty bucket", async () => {
    const bucket = await program.bucketWith();
    await expectFailure(bucket, 2, [`s3://${bucket}/datasets/: no timestamped .csv file`]);
  });

  test("a missing bucket", async () => {
    await expectFailure("there-is-no-such-bucket", 2, ["s3://there-is-no-such-bucket", "NoSuchBucket"]);
  });

  test("refused credentials", async () => {
    const bucket = await program.bucketWith(sample);
    await expectFailure(bucket, 2, [`s3://${bucket}`, "SignatureDoesNotMatch"], {
      AWS_SECRET_ACCESS_KEY: "wrong",
    });
    await expectFailure(bucket, 2, [`s3://${bucket}`, "InvalidAccessKeyId"], { AWS_ACCESS_KEY_ID: "nobody" });
    expect(await program.models(bucket)).toEqual([]);
  });

  test("a server that is down", async () => {
    const bucket = await program.bucketWith(sample);
    await expectFailure(bucket, 1, [`s3://${bucket}`, "127.0.0.1:9"], {
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    });
  });

  test("no credentials at all", async () => {
    await expectFailure("bucket", 2, ["s3://bucket", "credentials"], {
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_EC2_METADATA_DISABLED: "true",
    });
  });

  test("a deadline that has passed", async () => {
    const bucket = await program.bucketWith(sample);
    const { code, output } = await program.run([bucket, "0.8", "0.9", "--max-seconds", "0.01"]);
    expect(output).toContain(
      "ERROR - train_model.main - Error encountered when training model - the stage took longer than --max-seconds 0.01\n",
    );
    expect(code).toBe(1);
    expect(await program.models(bucket)).toEqual([]);
  });

  test("a signal to stop", async () => {
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    const { port } = hanging.address() as AddressInfo;
    const asked = once(hanging, "connection");
    const ended = program.run(
      ["bucket", "0.8", "0.9"],
      { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` },
      asked,
    );
    const { code, output } = await ended;
    hanging.close();
    expect(output).toContain(
      "ERROR - train_model.main - Error encountered when training model - stopped by SIGTERM\n",
    );
    expect(code).toBe(1);
  });

  test("a signal or a deadline within a search of many rows, whose first growths take seconds", async () => {
    const bucket = await program.bucketWith(sampleDataset({ rows: 500_000 }));
    const stopped = await program.run([bucket, "0.8", "0.9"], {}, "Retrieved dataset");
    expect(stopped.output).toContain(
      "ERROR - train_model.main - Error encountered when training model - stopped by SIGTERM\n",
    );
    const late = await program.run([bucket, "0.8", "0.9", "--max-seconds", "0.7"]);
    expect(late.output).toContain("the stage took longer than --max-seconds 0.7\n");
    for (const { code, output } of [stopped, late]) {
      expect(output).not.toContain("Trained model");
      expect(code).toBe(1);
    }
    expect(await program.models(bucket)).toEqual([]);
  });

  test("a log level that does not exist", async () => {
    const result = await program.run([await program.bucketWith(sample), "0.8", "0.9"], { LOG_LEVEL: "LOUD" });
    expect(result).toEqual({ code: 2, output: expect.stringContaining("LOUD") });
  });
});
