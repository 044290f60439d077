import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";

/** An S3 server, and how to reach it. */
export interface ServerAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A running server; `stop` ends it and removes its folder. */
export interface RunningServer extends ServerAddress {
  /** Whether the test started it. A server of somebody else keeps what a test puts there. */
  readonly isOwn: boolean;
  readonly stop: () => Promise<void>;
}

/** An S3 server of its own on loopback, over a temporary folder. */
export async function startServer(buckets: readonly string[] = []): Promise<RunningServer> {
  const directory = await mkdtemp(path.join(tmpdir(), "test-storage-"));
  const server = await startLocalS3({ directory, buckets: [...buckets] });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  return {
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    isOwn: true,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * The server of S3_TEST_ENDPOINT, S3_TEST_ACCESS_KEY and S3_TEST_SECRET_KEY (and S3_TEST_REGION, default us-east-1),
 * else a server of its own.
 */
export async function chosenServer(): Promise<RunningServer> {
  const { S3_TEST_ENDPOINT: endpoint = "", S3_TEST_ACCESS_KEY, S3_TEST_SECRET_KEY } = process.env;
  if (endpoint === "") {
    return startServer();
  }
  return {
    endpoint,
    region: process.env.S3_TEST_REGION ?? "us-east-1",
    accessKeyId: S3_TEST_ACCESS_KEY ?? "",
    secretAccessKey: S3_TEST_SECRET_KEY ?? "",
    isOwn: false,
    stop: async () => undefined,
  };
}

/** The environment that points a program at a server. */
export function environmentOf(server: ServerAddress): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_REGION: server.region,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
}

/** Put an object as some other program would: plainly. */
export async function putPlain(
  client: S3Client,
  bucket: string,
  key: string,
  body: string | Uint8Array = "x",
): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

/** The keys of a bucket below a folder, as far as one page of the listing. */
export async function keysBelow(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = "" }) => Key);
}

/** A server of its own, with a client of the plain SDK. */
export class TestStorage {
  readonly endpoint: string;
  readonly client: S3Client;
  /** The environment that points a program at this server. */
  readonly environment: Record<string, string>;
  readonly #server: RunningServer;

  protected constructor(server: RunningServer) {
    this.#server = server;
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    this.endpoint = endpoint;
    this.environment = environmentOf(server);
    this.client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  static async start(buckets: readonly string[] = []): Promise<TestStorage> {
    return new TestStorage(await startServer(buckets));
  }

  /** A new bucket with some files. */
  async bucketWith(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
    const bucket = `test-${randomUUID()}`;
    await this.client.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [key, body] of Object.entries(files)) {
      await putPlain(this.client, bucket, key, body);
    }
    return bucket;
  }

  /** The text of an object. */
  async readText(Bucket: string, Key: string): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? "";
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.#server.stop();
  }
}
