import { fileURLToPath } from "node:url";

import { putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { runChild } from "@ml-pipelines/test-support/run-child";
import type { Run } from "@ml-pipelines/test-support/run-child";
import { sampleModel } from "@ml-pipelines/test-support/sample-model";
import type { SampleOptions } from "@ml-pipelines/test-support/sample-model";
import { environmentOf } from "@ml-pipelines/test-support/test-storage";
import type { TestS3 } from "./test-s3.js";

const MAIN = fileURLToPath(new URL("../../dist/command/main.js", import.meta.url));
const HEADER = "product_code,orders_placed,hours_to_dispatch\n";

/** A bucket with a dataset, on which commands run as programs of their own. */
export class CommandBucket {
  private constructor(
    readonly s3: TestS3,
    readonly bucket: string,
    readonly dataset: { readonly key: string; readonly hash: string },
  ) {}

  static async create(s3: TestS3): Promise<CommandBucket> {
    const bucket = await s3.bucket();
    const { key, etag } = await CommandBucket.putCsv(s3, bucket, 3, "SKU001,10,0.5\nSKU002,60,15.5\n");
    return new CommandBucket(s3, bucket, { key, hash: etag });
  }

  /** Put a dataset of July 2021; its key. */
  async putDataset(day: number, rows: string): Promise<string> {
    return (await CommandBucket.putCsv(this.s3, this.bucket, day, rows)).key;
  }

  /** Put a tree that was trained on the dataset; its key. */
  async putModel(options: SampleOptions = {}): Promise<string> {
    const { bucket, s3, dataset } = this;
    const model = sampleModel({ trainDataset: { bucket, ...dataset }, ...options });
    return (await model.putModelToS3({ bucket, folder: "models", client: s3.client })).key;
  }

  /** Run a command. `BUCKET` among the arguments stands for the bucket. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    const given = args.map((arg) => (arg === "BUCKET" ? this.bucket : arg));
    return runChild(MAIN, given, { env: { ...environmentOf(this.s3), ...env } });
  }

  /** Run a command with `--json`; its output and exit code. */
  async runJson(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number | null; json: unknown }> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], env);
    if (stdout === "") {
      throw new Error(stderr);
    }
    return { code, json: JSON.parse(stdout) };
  }

  private static putCsv(s3: TestS3, bucket: string, day: number, rows: string) {
    const filename = `time_to_dispatch_2021-07-0${day}T23:05:32.csv`;
    return putObjectToS3(Buffer.from(HEADER + rows), {
      bucket,
      folder: "datasets",
      filename,
      client: s3.client,
    });
  }
}
