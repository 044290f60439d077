import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError } from "../../errors.js";
import { BodyHasher, isMd5Etag, partsOfEtag, unquoteEtag } from "../etag.js";
import type { WantedHashes } from "../etag.js";
import { addressOf } from "./location.js";
import type { VerifiedBody } from "./body.js";
import { callS3 } from "./call-s3.js";
import type { TransferOptions } from "./options.js";
import { statusOf, translateS3Error } from "./s3-error.js";
import { PART_SIZE_METADATA, SHA256_METADATA } from "./metadata.js";

/** Which object is wanted, exactly. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  /** ETag without quotes; any other object at the key is refused. */
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
}

/**
 * Open an object for reading, its bytes to be checked while they stream.
 *
 * @throws {ArtefactNotFoundError} No such object or version.
 * @throws {ArtefactChangedError} Another object is at the key; while streaming: the bytes are not those recorded.
 * @throws {S3AccessError}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function getObject(
  reference: ObjectReference,
  { client, signal, onProgress }: TransferOptions & { readonly client: S3Client },
): Promise<VerifiedBody> {
  const { bucket, key, etag, versionId } = reference;
  const address = addressOf(bucket, key);
  const answer = await callS3(address, signal, async (options) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
    });
    try {
      return await client.send(command, options);
    } catch (error) {
      if (statusOf(error) === 412)
        throw new ArtefactChangedError(`${address}: ${notTheSame(etag)}`, { cause: error });
      throw error;
    }
  });
  return verifiedBody(address, answer, { signal, onProgress });
}

function notTheSame(etag: string | undefined): string {
  return `the object is not the one that was listed or recorded, with ETag ${etag ?? "unknown"}`;
}

function verifiedBody(
  address: string,
  answer: GetObjectCommandOutput,
  { signal, onProgress }: TransferOptions,
): VerifiedBody {
  const size = answer.ContentLength ?? 0;
  const etag = unquoteEtag(answer.ETag ?? "");
  const wanted = wantedHashes(answer, etag);
  const sha256 = answer.Metadata?.[SHA256_METADATA];
  async function* stream(): AsyncGenerator<Uint8Array> {
    const hasher = new BodyHasher(wanted);
    let bytesDone = 0;
    try {
      for await (const chunk of bodyOf(answer)) {
        signal?.throwIfAborted();
        hasher.update(chunk);
        bytesDone += chunk.length;
        if (bytesDone > size) break;
        onProgress?.({ bytesDone, bytesTotal: size });
        yield chunk;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw translateS3Error(error, address);
    }
    const found = hasher.digest();
    const faults = [
      bytesDone === size ? undefined : `${bytesDone} bytes came, ${size} were announced`,
      found.etag === undefined || found.etag === etag
        ? undefined
        : `ETag ${etag} does not fit its bytes, which give ${found.etag}`,
      found.sha256 === sha256
        ? undefined
        : `sha256 ${sha256 ?? ""} does not fit its bytes, which give ${found.sha256 ?? ""}`,
    ].filter((fault) => fault !== undefined);
    if (faults.length > 0) throw new ArtefactChangedError(`${address}: damaged: ${faults.join("; ")}`);
  }
  return { size, etag, versionId: answer.VersionId, [Symbol.asyncIterator]: stream };
}

async function* bodyOf(answer: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
  if (answer.Body === undefined) return;
  // In Node the SDK's body is a Readable; its type also covers browsers.
  if (!(Symbol.asyncIterator in answer.Body)) throw new TypeError("the body is not a Node stream");
  for await (const chunk of answer.Body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("the body is not binary");
    yield chunk;
  }
}

/** Under SSE-KMS and SSE-C an ETag is no MD5; of a multipart upload it is one only if the size of its parts is known. */
function wantedHashes(answer: GetObjectCommandOutput, etag: string): WantedHashes {
  const sha256 = answer.Metadata?.[SHA256_METADATA] !== undefined;
  const encrypted = answer.ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (encrypted || answer.SSECustomerAlgorithm !== undefined) return { sha256, md5: "none" };
  if (isMd5Etag(etag)) return { sha256, md5: "whole" };
  const partSize = Number(answer.Metadata?.[PART_SIZE_METADATA]);
  const isKnown = partsOfEtag(etag) !== undefined && Number.isSafeInteger(partSize) && partSize > 0;
  return { sha256, md5: isKnown ? { partSize } : "none" };
}
