import { randomUUID } from "node:crypto";

import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

import { checkOptions } from "../../argument-error.js";
import { S3AccessError } from "../../errors.js";
import { addressAt, callS3, isAws, otherServer, pause } from "../artefacts/call-s3.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket } from "../artefacts/location.js";
import { headObject } from "../artefacts/metadata.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import type { WriteCondition } from "../artefacts/put/write-once.js";
import { originalOf } from "../client.js";
import { unquoteEtag } from "../etag.js";
import { statusOf } from "../s3-error.js";
import type { RegistryCall } from "./read-registry.js";

/** One object for all probes: a server account need not delete. */
const PROBE_KEY = "registry/probe.json";

/** No object has this ETag. */
const WRONG_ETAG = "0".repeat(32);

/** Attempts with the right ETag. Another program's probe may replace the object between the look and the write. */
const MAX_ATTEMPTS = 20;
const MAX_PAUSE_MILLISECONDS = 100;

/**
 * Statuses of a server that does not write on a condition: it does not hold, it conflicts with another write, there is no
 * object, or the server does not know such writes.
 */
const REJECTING: ReadonlySet<number | undefined> = new Set([412, 409, 404, 501]);

/** Whether a server keeps the conditions of writes. */
export interface ServerProbe {
  /** `AWS`, or the server's address. */
  readonly server: string;
  /** Whether `If-None-Match: *` protects an object that exists. */
  readonly createOnly: boolean;
  /**
   * The form of If-Match that writes on the right ETag and on no other. `ignored`: the server writes on a wrong ETag.
   * `rejected`: it writes on none.
   */
  readonly ifMatch: "quoted" | "unquoted" | "ignored" | "rejected";
}

/**
 * Try whether a server keeps the conditions of writes. Promotions need that, or two of them could overwrite each other.
 *
 * Some servers accept If-Match and ignore it; Ceph's radosgw 16 wants the ETag without quotes. The probe writes the
 * object `registry/probe.json` a few times.
 *
 * @throws {S3AccessError} S3 failed or denied access.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function probeServer(bucket: string, options: S3CallOptions = {}): Promise<ServerProbe> {
  checkOptions(options, S3_CALL_OPTIONS);
  checkBucket(bucket);
  return probe(bucket, { client: clientOf(options), signal: options.signal });
}

async function probe(bucket: string, call: RegistryCall): Promise<ServerProbe> {
  const { client, signal } = call;
  if ((await headObject(client, bucket, PROBE_KEY, { signal })) === undefined) {
    await isWritten(bucket, { IfNoneMatch: "*" }, call);
  }
  const createOnly = !(await isWritten(bucket, { IfNoneMatch: "*" }, call));
  const server = otherServer(client) ?? "AWS";
  let ifMatch: ServerProbe["ifMatch"] = "rejected";
  for (const [form, spell] of FORMS) {
    if (await isWritten(bucket, { IfMatch: spell(WRONG_ETAG) }, call)) {
      return { server, createOnly, ifMatch: "ignored" };
    }
    if (await takesRightEtag(bucket, spell, call)) {
      ifMatch = form;
      break;
    }
  }
  return { server, createOnly, ifMatch };
}

const FORMS: readonly (readonly ["quoted" | "unquoted", (etag: string) => string])[] = [
  ["quoted", (etag) => `"${etag}"`],
  ["unquoted", (etag) => etag],
];

async function takesRightEtag(
  bucket: string,
  spell: (etag: string) => string,
  call: RegistryCall,
): Promise<boolean> {
  const look = async (): Promise<string> => {
    const head = await headObject(call.client, bucket, PROBE_KEY, { signal: call.signal });
    return unquoteEtag(head?.ETag ?? "");
  };
  let etag = await look();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (await isWritten(bucket, { IfMatch: spell(etag) }, call)) {
      return true;
    }
    const found = await look();
    if (found === etag) {
      return false;
    }
    etag = found;
    await pause(Math.random() * MAX_PAUSE_MILLISECONDS, call.signal);
  }
  return false;
}

/** Write the object on a condition; false if the server does not write it. */
async function isWritten(
  bucket: string,
  condition: WriteCondition,
  { client, signal }: RegistryCall,
): Promise<boolean> {
  const Body = JSON.stringify({ format: "pipeline-utils/probe", id: randomUUID() });
  const command = new PutObjectCommand({ Bucket: bucket, Key: PROBE_KEY, Body, ...condition });
  return callS3(client, addressOf(bucket, PROBE_KEY), signal, async (options) => {
    try {
      await client.send(command, options);
      return true;
    } catch (error) {
      // A missing bucket is 404 as well.
      const isMissing = error instanceof Error && error.name === "NoSuchBucket";
      if (REJECTING.has(statusOf(error)) && !isMissing) {
        return false;
      }
      throw error;
    }
  });
}

/** Probes by their client and bucket. Promotions at once share one. */
const probes = new WeakMap<S3Client, Map<string, Promise<ServerProbe>>>();

/**
 * Reject a server on which two promotions could overwrite each other. AWS keeps conditions; any other server is probed
 * once for each client and bucket.
 *
 * @throws {S3AccessError} Not retryable. The message names the server.
 */
export async function requireConditionalWrites(bucket: string, call: RegistryCall): Promise<void> {
  const client = originalOf(call.client);
  if (await isAws(client, bucket, PROBE_KEY)) {
    return;
  }
  const known = probes.get(client) ?? new Map<string, Promise<ServerProbe>>();
  probes.set(client, known);
  const probed = known.get(bucket) ?? probe(bucket, call);
  known.set(bucket, probed);
  const { createOnly, ifMatch } = await probed.catch((error: unknown) => {
    // The server may be back the next time.
    known.delete(bucket);
    throw error;
  });
  if (!createOnly || ifMatch === "ignored" || ifMatch === "rejected") {
    const fault = createOnly ? `${FAULTS[ifMatch]} If-Match` : "ignores If-None-Match";
    const message = `${addressAt(client, addressOf(bucket))}: the server ${fault}, so two promotions could overwrite each other: an alias cannot be kept there`;
    throw new S3AccessError(message, { retryable: false });
  }
}

const FAULTS: Readonly<Record<ServerProbe["ifMatch"], string>> = {
  ignored: "ignores",
  rejected: "rejects every",
  quoted: "",
  unquoted: "",
};
