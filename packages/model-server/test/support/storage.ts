import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import type { LocalS3 } from "@ml-pipelines/local-s3";
import { putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { sampleModel } from "./sample-model.js";
import type { SampleOptions } from "./sample-model.js";

export const BUCKET = "time-to-dispatch";

/** A real S3 server on loopback with one bucket, over a folder of its own. */
export class Storage {
  readonly client: S3Client;
  readonly #server: LocalS3;

  private constructor(server: LocalS3) {
    this.#server = server;
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    this.client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  static async start(): Promise<Storage> {
    const directory = await mkdtemp(path.join(tmpdir(), "serve-test-"));
    return new Storage(await startLocalS3({ directory, buckets: [BUCKET] }));
  }

  /** What a program needs in its environment to reach this server. */
  get environment(): Record<string, string> {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.#server;
    return {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  /** Put a sample model; the key of its file. */
  async putModel(options: SampleOptions = {}): Promise<string> {
    const { key } = await sampleModel(options).putModelToS3({
      bucket: BUCKET,
      folder: "models",
      client: this.client,
    });
    return key;
  }

  /** Put any text as a model's file; its key. */
  async putText(filename: string, text: string): Promise<string> {
    const { key } = await putObjectToS3(new TextEncoder().encode(text), {
      bucket: BUCKET,
      folder: "models",
      filename,
      client: this.client,
    });
    return key;
  }

  /** The text of an object. */
  async read(Key: string): Promise<{ Body: string }> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return { Body: (await Body?.transformToString()) ?? "" };
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.#server.stop();
    await rm(this.#server.directory, { recursive: true, force: true });
  }
}
