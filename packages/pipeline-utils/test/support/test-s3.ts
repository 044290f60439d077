import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";

import { createS3Client } from "../../src/aws/client.js";
import type { S3ClientOptions } from "../../src/aws/client.js";
import { startFaultProxy } from "./fault-proxy.js";
import type { Decide, FaultProxy } from "./fault-proxy.js";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a client of a test may differ in. */
export interface ClientSettings extends Partial<Credentials>, Pick<S3ClientOptions, "onRetry"> {
  readonly endpoint?: string;
  readonly region?: string;
  /** After so long a silence a connection is dead. */
  readonly idleMilliseconds?: number;
}

/** A client, and the proxy that its requests go through. */
export interface FaultyS3 extends FaultProxy {
  readonly client: S3Client;
}

/** A server to test against: `S3_TEST_ENDPOINT` (with `S3_TEST_ACCESS_KEY`, `S3_TEST_SECRET_KEY`), else local-s3. */
export interface TestS3 extends Credentials {
  readonly endpoint: string;
  /** Of this package's making, as programs have it. */
  readonly client: S3Client;
  /** Another client, with other settings. */
  clientWith(settings: ClientSettings): S3Client;
  /** Another client, to whose requests a proxy does what `decide` says. */
  through(decide: Decide, settings?: ClientSettings): Promise<FaultyS3>;
  /** A new, empty bucket. */
  bucket(options?: { versioned?: boolean }): Promise<string>;
  stop(): Promise<void>;
}

export async function startTestS3(): Promise<TestS3> {
  const { endpoint, accessKeyId, secretAccessKey, stop } = await startServer();
  const clients: S3Client[] = [];
  const proxies: FaultProxy[] = [];
  const clientWith: TestS3["clientWith"] = (settings) => {
    const client = createS3Client({
      config: {
        endpoint: settings.endpoint ?? endpoint,
        region: settings.region ?? "us-east-1",
        credentials: {
          accessKeyId: settings.accessKeyId ?? accessKeyId,
          secretAccessKey: settings.secretAccessKey ?? secretAccessKey,
        },
        // Silence is taken for death sooner than by default, or tests of it would take long.
        ...(settings.idleMilliseconds === undefined
          ? {}
          : { requestHandler: { socketTimeout: settings.idleMilliseconds, throwOnRequestTimeout: true } }),
      },
      onRetry: settings.onRetry ?? (() => undefined),
    });
    clients.push(client);
    return client;
  };
  const client = clientWith({});
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    client,
    clientWith,
    async through(decide, settings = {}) {
      const proxy = await startFaultProxy(endpoint, decide);
      proxies.push(proxy);
      return { ...proxy, client: clientWith({ ...settings, endpoint: proxy.endpoint }) };
    },
    async bucket({ versioned = false } = {}) {
      const name = `test-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket: name }));
      if (versioned) {
        const status = { Bucket: name, VersioningConfiguration: { Status: "Enabled" as const } };
        await client.send(new PutBucketVersioningCommand(status));
      }
      return name;
    },
    async stop() {
      for (const each of clients) {
        each.destroy();
      }
      for (const each of proxies) {
        await each.stop();
      }
      await stop();
    },
  };
}

async function startServer(): Promise<Credentials & { endpoint: string; stop: () => Promise<void> }> {
  const { S3_TEST_ENDPOINT, S3_TEST_ACCESS_KEY = "", S3_TEST_SECRET_KEY = "" } = process.env;
  if (S3_TEST_ENDPOINT !== undefined && S3_TEST_ENDPOINT !== "") {
    return {
      endpoint: S3_TEST_ENDPOINT,
      accessKeyId: S3_TEST_ACCESS_KEY,
      secretAccessKey: S3_TEST_SECRET_KEY,
      stop: async () => undefined,
    };
  }
  const directory = await mkdtemp(path.join(tmpdir(), "pipeline-utils-test-"));
  const server = await startLocalS3({ directory });
  return {
    endpoint: server.endpoint,
    accessKeyId: server.accessKeyId,
    secretAccessKey: server.secretAccessKey,
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true });
    },
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
