import path from "node:path";
import { S3Server } from "./server/s3-server.js";
import { checkBucketName } from "./store/bucket-name.js";
import { Store } from "./store/store.js";

export interface LocalS3Options {
  /** Where everything is kept; made if it is not there. */
  readonly directory: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default: `local`. */
  readonly accessKeyId?: string;
  /** Default: `local-secret`. */
  readonly secretAccessKey?: string;
  /** Buckets to create if they are not there. */
  readonly buckets?: readonly string[];
}

export interface LocalS3 {
  /** `http://127.0.0.1:PORT`; with path-style addresses. */
  readonly endpoint: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Any region is taken; this one is what the server says it is. */
  readonly region: "us-east-1";
  /** Absolute. */
  readonly directory: string;
  /** Let requests in flight end, for ten seconds at most, and give the folder and the port back. */
  readonly stop: () => Promise<void>;
}

/**
 * Start an S3-compatible server over a folder, on the loopback interface.
 *
 * @throws {Error} The folder cannot be used or has a running server, the port is taken, a bucket's name is not valid.
 *
 * @example
 * ```ts
 * import { startLocalS3 } from "@ml-pipelines/local-s3";
 *
 * const server = await startLocalS3({ directory: "s3-of-tests", buckets: ["my-bucket"] });
 * console.log((await fetch(`${server.endpoint}/my-bucket`)).status); // It is not signed.
 * await server.stop();
 * ```
 *
 * prints
 *
 * ```
 * 403
 * ```
 */
export async function startLocalS3(options: LocalS3Options): Promise<LocalS3> {
  const { port = 0, accessKeyId = "local", secretAccessKey = "local-secret", buckets = [] } = options;
  const directory = path.resolve(options.directory);
  for (const bucket of buckets) {
    const fault = checkBucketName(bucket);
    if (fault !== undefined) {
      throw new Error(`"${bucket}" cannot be a bucket's name: ${fault}`);
    }
  }
  const store = await Store.open(directory);
  const server = new S3Server(store, { accessKeyId, secretAccessKey });
  let listening: number;
  try {
    for (const bucket of buckets) {
      if (!store.buckets.has(bucket)) {
        store.commit({ op: "create-bucket", bucket, created: Date.now() });
      }
    }
    listening = await server.listen(port);
  } catch (error) {
    await store.close();
    throw error;
  }
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await server.stop();
    await store.close();
  };
  return {
    endpoint: `http://127.0.0.1:${listening}`,
    port: listening,
    accessKeyId,
    secretAccessKey,
    region: "us-east-1",
    directory,
    stop: () => (stopped ??= stop()),
  };
}
