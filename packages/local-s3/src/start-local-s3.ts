import path from "node:path";
import { inspect } from "node:util";
import { S3Server } from "./s3-server.js";
import { checkBucketName } from "./store/bucket.js";
import { Store } from "./store/store.js";

export interface LocalS3Options {
  /** Folder of the store; created if missing. */
  readonly directory: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default: `local`. */
  readonly accessKeyId?: string;
  /** Default: `local-secret`. */
  readonly secretAccessKey?: string;
  /** Buckets to create if missing. */
  readonly buckets?: readonly string[];
}

/** The names of the options. The compiler rejects a list that is incomplete. */
const OPTIONS: Readonly<Record<keyof LocalS3Options, true>> = {
  directory: true,
  port: true,
  accessKeyId: true,
  secretAccessKey: true,
  buckets: true,
};

export interface LocalS3 {
  /** `http://127.0.0.1:PORT`, for path-style addresses. */
  readonly endpoint: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The region that the server reports. Requests for every region are accepted. */
  readonly region: "us-east-1";
  /** Absolute. */
  readonly directory: string;
  /** Wait for requests in flight, at most ten seconds, then release the folder and the port. */
  readonly stop: () => Promise<void>;
}

/**
 * Start an S3-compatible server over a folder, on the loopback interface.
 *
 * @throws {TypeError} The options are no object or name no directory, or one is unknown, in a caller without types.
 * @throws {Error} The folder cannot be used or belongs to a running server, the port is in use, or a bucket's name is
 *   invalid.
 *
 * @example
 * ```ts
 * import { startLocalS3 } from "@ml-pipelines/local-s3";
 *
 * const server = await startLocalS3({ directory: "s3-of-tests", buckets: ["my-bucket"] });
 * console.log((await fetch(`${server.endpoint}/my-bucket`)).status); // The request is not signed.
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
  checkOptions(options);
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

function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`options is ${inspect(options)}, expected an object such as { directory: "s3" }`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new TypeError(
        `option ${JSON.stringify(name)} is unknown, expected ${Object.keys(OPTIONS).join(", ")}`,
      );
    }
  }
  const directory: unknown = "directory" in options ? options.directory : undefined;
  if (typeof directory !== "string") {
    throw new TypeError(`directory is ${inspect(directory)}, expected a path`);
  }
  const buckets: unknown = "buckets" in options ? options.buckets : undefined;
  if (buckets !== undefined && !Array.isArray(buckets)) {
    throw new TypeError(`buckets is ${inspect(buckets)}, expected an array of names`);
  }
}
