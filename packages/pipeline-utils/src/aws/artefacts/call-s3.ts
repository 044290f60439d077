import { setTimeout as sleep } from "node:timers/promises";

import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { deriveClient, originalOf } from "../client.js";
import { statusOf, translateS3Error } from "../s3-error.js";

/** Domains of AWS in its public partitions. */
const AWS_HOST = /\.amazonaws\.(?:com|com\.cn|eu)$/i;

/** Statuses of errors that the body of an answer explains. */
const STATUSES_WITH_REASON: ReadonlySet<number> = new Set([301, 400, 403, 507]);

/** Stands for all servers of AWS. */
const AWS = "AWS";

/** Server of each client's last request, such as `http://127.0.0.1:9000`, or `AWS`; undefined before the first one. */
const servers = new WeakMap<S3Client, string | undefined>();

/**
 * Send one S3 request and translate its errors. An abort throws the signal's own reason.
 *
 * @param address - Address of the object, folder or bucket, for messages.
 */
export async function callS3<T>(
  client: S3Client,
  address: string,
  signal: AbortSignal | undefined,
  send: (options: { abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  watchServer(client);
  try {
    return await send(signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw translateS3Error(error, address, otherServer(client));
  }
}

/**
 * Send a HEAD request. If it fails, learn the reason by a request that reads nothing.
 *
 * Answers to HEAD have no body, so an error is only a status. The same status can mean an expired token, a wrong region
 * or a wrong secret.
 *
 * @param ask - Sends a GET request that needs the same permission.
 */
export async function headWithReason<T>(head: () => Promise<T>, ask: () => Promise<unknown>): Promise<T> {
  try {
    return await head();
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || !STATUSES_WITH_REASON.has(status)) {
      throw error;
    }
    const reason = await ask().then(
      () => undefined,
      (answer: unknown) => answer,
    );
    throw statusOf(reason) === status ? reason : error;
  }
}

/** Discard a body that nobody will read. Otherwise its connection would wait for a reader. */
export function dropBody({ Body }: GetObjectCommandOutput): void {
  if (Body !== undefined && "destroy" in Body) {
    Body.destroy();
  }
}

/**
 * Wait until the time is over or the signal aborts. An abort throws the signal's reason rather than Node's AbortError.
 */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * Record the server that a client's requests go to.
 *
 * Code, environment or a profile can set an endpoint, but the SDK's `config.isCustomEndpoint` only shows the first. The
 * requests show the server in all three cases.
 */
export function watchServer(given: S3Client): void {
  const client = originalOf(given);
  if (servers.has(client)) {
    return;
  }
  servers.set(client, undefined);
  client.middlewareStack.add(
    (next) => (args) => {
      servers.set(client, serverOf(args.request));
      return next(args);
    },
    { step: "build", name: "pipelineUtilsServer", override: true },
  );
}

/** The server that a client uses instead of AWS. undefined for AWS, or before the first watched request. */
export function otherServer(client: S3Client): string | undefined {
  const server = servers.get(originalOf(client));
  return server === AWS ? undefined : server;
}

/**
 * Whether a client's requests for an object go to AWS. Other servers may ignore the conditions of a write.
 *
 * Before the first request, the SDK resolves the endpoint of a request that is not sent.
 */
export async function isAws(given: S3Client, bucket: string, key: string): Promise<boolean> {
  const client = originalOf(given);
  watchServer(client);
  if (servers.get(client) === undefined) {
    const stack = client.middlewareStack.clone();
    stack.add(
      () => async (args) => {
        servers.set(client, serverOf(args.request));
        return { output: { $metadata: {} }, response: undefined };
      },
      { step: "serialize", priority: "low", name: "pipelineUtilsEndpoint", override: true },
    );
    const unsent = new HeadObjectCommand({ Bucket: bucket, Key: key });
    // The write itself reports why no endpoint can be resolved.
    await deriveClient(client, stack)
      .send(unsent)
      .catch(() => undefined);
  }
  return servers.get(client) === AWS;
}

/** An address for messages. Adds the server if it is not AWS, because the endpoint may be wrong. */
export function addressAt(client: S3Client, address: string): string {
  const endpoint = otherServer(client);
  return endpoint === undefined ? address : `${address} at ${endpoint}`;
}

function serverOf(request: unknown): string | undefined {
  if (typeof request !== "object" || request === null || !("hostname" in request)) {
    return undefined;
  }
  const { hostname } = request;
  if (typeof hostname !== "string") {
    return undefined;
  }
  if (AWS_HOST.test(hostname)) {
    return AWS;
  }
  const protocol = "protocol" in request ? String(request.protocol) : "https:";
  const port = "port" in request && typeof request.port === "number" ? `:${request.port}` : "";
  return `${protocol}//${hostname}${port}`;
}
