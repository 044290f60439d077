import { fileURLToPath } from "node:url";

import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { getAlias, listAliasHistory } from "@ml-pipelines/pipeline-utils/aws";
import { runChild } from "@ml-pipelines/test-support/run-child";
import type { Run } from "@ml-pipelines/test-support/run-child";
import { environmentOf, keysBelow, putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";
import { bucketWith, DISPATCH_CSV, DISPATCH_DATASET, DISPATCH_HEADER } from "../support/train-bucket.js";

const PROGRAM = fileURLToPath(new URL("fixtures/dispatch-stage.mjs", import.meta.url));
const GATED = ["--champion", "production", "--promote", "production"];

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** Run the stage with low thresholds; `environment` may hold SLOPE, which makes the model worse. */
const train = (
  bucket: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Run> =>
  runChild(PROGRAM, [bucket, "0.01", "0.02", ...args], { env: { ...environmentOf(s3), ...environment } });

const newBucket = (): Promise<string> => bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
const production = (bucket: string) => getAlias(bucket, "dispatch", "production", { client: s3.client });
const modelsIn = (bucket: string) => keysBelow(s3.client, bucket, "models/");

describe("a training stage with --champion and --promote", () => {
  test("promotes the first model with a warning, and later one that is not worse", async () => {
    const bucket = await newBucket();
    const first = await train(bucket, GATED);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain(
      "WARNING - train_dispatch.main - Passed without a comparison with production: it names no model yet",
    );
    expect(first.stdout).toMatch(/Promoted: production names s3:\S+\.json, sequence 1$/m);
    const second = await train(bucket, GATED);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain(
      "INFO - train_dispatch.main - Not worse than production: MAE 0.5000, production has 0.5000, on 30 of 30 held-out rows, which its model has not trained on",
    );
    expect(second.stdout).toContain("WARNING - train_dispatch.main - Fewer than 100 rows prove little");
    expect(await production(bucket)).toMatchObject({ sequence: 2, reason: `trained on ${DISPATCH_DATASET}` });
  });

  test("ends with 2 for a worse model, which is put and not promoted", async () => {
    const bucket = await newBucket();
    await train(bucket, GATED);
    const before = await production(bucket);
    const { code, stdout } = await train(bucket, GATED, { SLOPE: "0.3" });
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /ERROR - train_dispatch.main - Error encountered when training model - the model is worse than production \(\S+Z\): MAE \d+\.\d+, production has 0\.5000, on 30 of 30 held-out rows/,
    );
    expect(await production(bucket)).toEqual(before);
    expect(await modelsIn(bucket)).toHaveLength(2);
  });

  test("compares on the rows that the champion has not trained on, when the dataset has grown", async () => {
    const bucket = await newBucket();
    await train(bucket, GATED);
    // Two new rows come first, so that other rows are held out: those that the champion has trained on do not count.
    const grown = DISPATCH_CSV.replace(
      DISPATCH_HEADER,
      `${DISPATCH_HEADER}cups,500,false,62\nplates,500,false,125\n`,
    );
    await putPlain(s3.client, bucket, "datasets/dispatch_2021-07-08T16:45:38.csv", grown);
    const { code, stdout } = await train(bucket, GATED);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /Passed without a comparison with production: its model has trained on all held-out rows/,
    );
    const other = DISPATCH_CSV.replace(
      DISPATCH_HEADER,
      `${DISPATCH_HEADER}${"cups,600,false,75\n".repeat(2)}`,
    );
    await putPlain(s3.client, bucket, "datasets/dispatch_2021-07-15T16:45:38.csv", other);
    expect((await train(bucket, GATED)).stdout).toMatch(
      /on 31 of 31 held-out rows, which its model has not trained on/,
    );
  });
});

describe("a training stage with --if-new", () => {
  test("does nothing when the newest model is of the same dataset, commit and settings", async () => {
    const bucket = await newBucket();
    const args = [...GATED, "--if-new"];
    expect((await train(bucket, args)).stdout).toMatch(
      /Promoted: production names s3:\S+\.json, sequence 1$/m,
    );
    const again = await train(bucket, args);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain("is of this dataset, commit and settings.");
    expect(again.stdout).toMatch(/Promoted already: production names s3:\S+\.json, sequence 1$/m);
    expect(await modelsIn(bucket)).toHaveLength(1);
    await train(bucket, args, { GIT_COMMIT_HASH: "ed31131" });
    expect(await modelsIn(bucket)).toHaveLength(2);
  });

  test("completes a run that was killed before its promotion, and promotes no model that was refused", async () => {
    const bucket = await newBucket();
    await train(bucket, []);
    const completed = await train(bucket, [...GATED, "--if-new"]);
    expect(completed.stdout).toMatch(/Promoted: production names s3:\S+\.json, sequence 1$/m);
    expect(await modelsIn(bucket)).toHaveLength(1);
    expect((await train(bucket, GATED, { SLOPE: "0.3" })).code).toBe(2);
    const refused = await train(bucket, [...GATED, "--if-new"], { SLOPE: "0.3" });
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain("the model is worse than production");
    const history = await listAliasHistory(bucket, "dispatch", "production", { client: s3.client });
    expect(history).toHaveLength(1);
  });
});

describe("a training stage after an earlier model", () => {
  const LATER = "datasets/dispatch_2021-07-08T16:45:38.csv";
  const [header = "", ...rows] = DISPATCH_CSV.trimEnd().split("\n");
  /** 480 rows, of which 360 are trained on: enough to compare their distributions. */
  const large = [...rows, ...rows, ...rows, ...rows];
  const csv = (lines: readonly string[]) => `${header}\n${lines.join("\n")}\n`;
  const warningsOf = ({ stdout }: Run) =>
    stdout
      .split("\n")
      .filter((line) => line.includes("WARNING"))
      .map((line) =>
        line.replace(/^.*train_dispatch\.main - /, "").replaceAll(/model of \S+Z/g, "model of T"),
      );

  test("warns that there is no new dataset, and is silent about one that has not moved", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: csv(large) });
    const first = await train(bucket, []);
    expect(first.stdout).toContain(
      "INFO - train_dispatch.main - The dataset is not compared with an earlier one: there",
    );
    expect(warningsOf(first)).toEqual([]);
    expect(warningsOf(await train(bucket, []))).toEqual([
      "No new dataset since 2021-07-01T16:45:38.000Z: the model of T has trained on it already",
    ]);
    await putPlain(s3.client, bucket, LATER, csv(large.slice(4)));
    expect(warningsOf(await train(bucket, ["--max-drift", "0.1"]))).toEqual([]);
  });

  test("warns of moved columns and fewer rows with their figures, and ends with 2 beyond --max-drift", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: csv([...large, ...large]) });
    await train(bucket, []);
    const moved = large
      .filter((line) => !line.startsWith("cups"))
      .map((line) => line.replace(/\d+/, (orders) => String(5 * Number(orders))));
    await putPlain(s3.client, bucket, LATER, csv(moved));
    const warnings = warningsOf(await train(bucket, []));
    expect(warnings).toContain("Rows to train on: 240, were 720");
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^Moved since the model of T: product: cups 0 % of the rows, was 33\.3 % \(PSI \d/,
      ),
    );
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /: orders: median 353, was 70; deciles .*; 88.3 % of the rows outside 11 to 129 \(PSI 4/,
      ),
    );
    const before = await modelsIn(bucket);
    const refused = await train(bucket, ["--max-drift", "0.5"]);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toMatch(
      /ERROR - .* - the dataset has moved too far from that of the model of .*: product: .*; orders: .*; hours: .*; expected a PSI below 0.5 \(--max-drift\)/,
    );
    expect(await modelsIn(bucket)).toEqual(before);
  });

  test("compares with the champion, and warns of a dataset that is older or was overwritten", async () => {
    const bucket = await bucketWith(s3, { [LATER]: csv(large) });
    await train(bucket, ["--promote", "production"]);
    await putPlain(s3.client, bucket, LATER, csv(large.slice(1)));
    expect(warningsOf(await train(bucket, ["--champion", "production"]))[0]).toMatch(
      /^datasets\/dispatch_2021-07-08T16:45:38\.csv was overwritten: the model of T has trained on it when its hash was \w{32}, and now it is \w{32}$/,
    );
    await putPlain(s3.client, bucket, DISPATCH_DATASET, csv(large));
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: LATER }));
    expect(warningsOf(await train(bucket, ["--champion", "production"]))[0]).toBe(
      `${DISPATCH_DATASET} is older than ${LATER}, which the model of T has trained on`,
    );
  });
});
