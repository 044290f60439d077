import { randomUUID } from "node:crypto";

import { CreateBucketCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

import { createLimitedClient } from "../../src/aws/client.js";
import type { S3ClientOptions } from "@ml-pipelines/pipeline-utils/aws";
import type { ClientLimits } from "../../src/aws/client.js";
import { startFaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import type { Decide, FaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import { chosenServer } from "@ml-pipelines/test-support/test-storage";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Ways in which a test's client may differ from the default one. */
export interface ClientSettings extends Partial<Credentials>, Pick<S3ClientOptions, "onRetry"> {
  readonly endpoint?: string;
  readonly region?: string;
  /** After so long a silence a connection is dead. */
  readonly idleMilliseconds?: number;
  /** Time limits in place of a program's. */
  readonly limits?: ClientLimits;
}

/** A client, and the proxy that its requests go through. */
export interface FaultyS3 extends FaultProxy {
  readonly client: S3Client;
}

/** A server to test against: `S3_TEST_ENDPOINT` (with `S3_TEST_ACCESS_KEY`, `S3_TEST_SECRET_KEY`), else local-s3. */
export interface TestS3 extends Credentials {
  readonly endpoint: string;
  readonly region: string;
  /** Made by this package, as programs have it. */
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
  const { endpoint, region, accessKeyId, secretAccessKey, stop } = await chosenServer();
  const clients: S3Client[] = [];
  const proxies: FaultProxy[] = [];
  const clientWith: TestS3["clientWith"] = (settings) => {
    const client = createLimitedClient(
      {
        config: {
          endpoint: settings.endpoint ?? endpoint,
          region: settings.region ?? region,
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
      },
      settings.limits ?? {},
    );
    clients.push(client);
    return client;
  };
  const client = clientWith({});
  return {
    endpoint,
    region,
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
