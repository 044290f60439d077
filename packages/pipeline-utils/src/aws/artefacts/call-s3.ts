import { setTimeout as sleep } from "node:timers/promises";

import type { S3Client } from "@aws-sdk/client-s3";

import { translateS3Error } from "../s3-error.js";

/** Domains of AWS in its public partitions. */
const AWS_HOST = /\.amazonaws\.(?:com|com\.cn|eu)$/i;

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
export function watchServer(client: S3Client): void {
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
  const server = servers.get(client);
  return server === AWS ? undefined : server;
}

/** Whether a client's requests are known to go to AWS. Other servers may ignore the conditions of a write. */
export function isAws(client: S3Client): boolean {
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
