import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";

import type { S3Client } from "@aws-sdk/client-s3";

import { S3AccessError } from "../../../errors.js";
import { isMd5Etag, multipartEtag, partsOfEtag, unquoteEtag } from "../../etag.js";
import { headObject, PART_SIZE_METADATA, recordedSha256 } from "../metadata.js";
import type { ObjectReference, OpenBody } from "./open-body.js";

/** The hash that a body must have. */
export interface ExpectedHash {
  readonly name: "sha256" | "ETag";
  /** In hex; an ETag of parts ends with their number. */
  readonly value: string;
  /** Size in bytes of the parts that an ETag was computed from. Default: of the whole body. */
  readonly partSize?: number;
}

/**
 * Choose the hash to check an object by. A recorded sha256 is enough, and is checked alone.
 *
 * Otherwise the ETag proves the bytes where it is an MD5. Under SSE-KMS and SSE-C it is none. The ETag of a multipart upload can be
 * computed only if the size of its parts is known.
 *
 * @param askPartSize - Asked where neither a sha256 nor a part size was recorded, as by other programs.
 * @returns Undefined if nothing can be checked.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export async function chooseHash(
  answer: OpenBody,
  askPartSize: () => Promise<number | undefined>,
): Promise<ExpectedHash | undefined> {
  const { etag, Metadata, ServerSideEncryption, SSECustomerAlgorithm } = answer;
  const sha256 = recordedSha256(answer);
  if (sha256 !== undefined) {
    return { name: "sha256", value: sha256 };
  }
  const isEncrypted = ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (isEncrypted || SSECustomerAlgorithm !== undefined) {
    return undefined;
  }
  if (isMd5Etag(etag)) {
    return { name: "ETag", value: etag };
  }
  if (partsOfEtag(etag) === undefined) {
    return undefined;
  }
  const recorded = Number(Metadata?.[PART_SIZE_METADATA]);
  const isRecorded = Number.isSafeInteger(recorded) && recorded > 0;
  const partSize = isRecorded ? recorded : await askPartSize();
  return partSize === undefined ? undefined : { name: "ETag", value: etag, partSize };
}

/** Hashes a body while it streams past. */
export class BodyHasher {
  readonly #algorithm: "sha256" | "md5";
  readonly #partSize: number;
  readonly #partMd5s: Uint8Array[] = [];
  #hash: Hash;
  #bytesOfPart = 0;

  constructor({ name, partSize = Infinity }: ExpectedHash) {
    this.#algorithm = name === "sha256" ? "sha256" : "md5";
    this.#partSize = partSize;
    this.#hash = createHash(this.#algorithm);
  }

  update(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0;) {
      const head = rest.subarray(0, this.#partSize - this.#bytesOfPart);
      this.#hash.update(head);
      this.#bytesOfPart += head.length;
      rest = rest.subarray(head.length);
      if (this.#bytesOfPart === this.#partSize) {
        this.#endPart();
      }
    }
  }

  /** The sha256 in hex, or the ETag. Call once, at the end. */
  digest(): string {
    if (this.#partSize === Infinity) {
      return this.#hash.digest("hex");
    }
    if (this.#bytesOfPart > 0) {
      this.#endPart();
    }
    return multipartEtag(this.#partMd5s);
  }

  #endPart(): void {
    this.#partMd5s.push(this.#hash.digest());
    this.#hash = createHash(this.#algorithm);
    this.#bytesOfPart = 0;
  }
}

interface Options {
  readonly client: S3Client;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The size in bytes of an object's first part. All parts but the last usually have this size.
 *
 * @returns undefined if the server does not give it.
 */
export async function partSizeOf(
  reference: ObjectReference,
  answer: OpenBody,
  options: Options,
): Promise<number | undefined> {
  return sizeOfPart(1, reference, answer, options);
}

/**
 * Whether an object consists of parts of unequal size, so that the ETag computed for one size proves nothing. If the server cannot
 * tell, the answer is yes.
 */
export async function hasUnequalParts(
  partSize: number,
  reference: ObjectReference,
  answer: OpenBody,
  options: Options,
): Promise<boolean> {
  const parts = partsOfEtag(answer.etag) ?? 1;
  // Skip the last part, which may have any size.
  for (let part = 1; part < parts; part++) {
    if ((await sizeOfPart(part, reference, answer, options)) !== partSize) {
      return true;
    }
  }
  return false;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
async function sizeOfPart(
  partNumber: number,
  { bucket, key, versionId }: ObjectReference,
  { etag, VersionId = versionId }: OpenBody,
  { client, signal }: Options,
): Promise<number | undefined> {
  const known = { signal, versionId: VersionId, partNumber };
  const part = await headObject(client, bucket, key, known).catch((error: unknown) => {
    // A server without part numbers may answer with an error.
    if (error instanceof S3AccessError && !error.retryable) {
      return undefined;
    }
    throw error;
  });
  const isKnown = part?.PartsCount !== undefined && unquoteEtag(part.ETag ?? "") === etag;
  return isKnown && part.ContentLength !== 0 ? part.ContentLength : undefined;
}
