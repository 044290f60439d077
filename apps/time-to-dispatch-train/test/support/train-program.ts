import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import type { LocalS3 } from "@ml-pipelines/local-s3";

const PROGRAM = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** The key of every dataset. */
export const DATASET = "datasets/time_to_dispatch_2021-07-01T16|45|38.csv";

/** The output of the program, and how it ended. */
export interface Run {
  code: number;
  output: string;
}

/** The program, and a real S3 server on loopback for it. */
export class TrainProgram {
  readonly client: S3Client;
  readonly #server: LocalS3;

  private constructor(server: LocalS3) {
    this.#server = server;
    const { endpoint, region } = server;
    this.client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: server });
  }

  static async start(): Promise<TrainProgram> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "train-"));
    return new TrainProgram(await startLocalS3({ directory }));
  }

  get endpoint(): string {
    return this.#server.endpoint;
  }

  /** A bucket of its own for each test, with one dataset or none. */
  async bucketWith(csv?: string | Buffer): Promise<string> {
    const Bucket = `train-${Math.random().toString(36).slice(2)}`;
    await this.client.send(new CreateBucketCommand({ Bucket }));
    if (csv !== undefined) {
      await this.client.send(new PutObjectCommand({ Bucket, Key: DATASET, Body: csv }));
    }
    return Bucket;
  }

  /** The keys of a bucket's models. */
  async models(Bucket: string): Promise<string[]> {
    const command = new ListObjectsV2Command({ Bucket, Prefix: "models/" });
    const { Contents = [] } = await this.client.send(command);
    return Contents.map(({ Key = "" }) => Key);
  }

  /** Run the program to its end, or until it is told to stop: by SIGTERM, at some event or some words of its output. */
  run(
    args: readonly string[],
    env: Record<string, string> = {},
    stopWhen?: Promise<unknown> | string,
  ): Promise<Run> {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.#server;
    const ofServer = {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const options = { env: { PATH: process.env.PATH, ...ofServer, ...env } };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [PROGRAM, ...args], options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
      });
      if (typeof stopWhen === "string") {
        for (const stream of [child.stdout, child.stderr]) {
          stream?.on("data", (text: string) => text.includes(stopWhen) && child.kill("SIGTERM"));
        }
      } else {
        void stopWhen?.then(() => child.kill("SIGTERM"));
      }
    });
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.#server.stop();
    await rm(this.#server.directory, { recursive: true, force: true });
  }
}
