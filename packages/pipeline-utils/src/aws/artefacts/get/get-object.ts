import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError } from "../../../errors.js";
import { addressOf } from "../location.js";
import { PART_SIZE_METADATA, SHA256_METADATA } from "../metadata.js";
import type { TransferOptions } from "../options.js";
import { progressReporter } from "../progress-reporter.js";
import type { VerifiedBody } from "./body.js";
import type { Hashes } from "./hash-thread.js";
import { dropBody, openBody } from "./open-body.js";
import type { ObjectReference } from "./open-body.js";
import { resumingBody } from "./resuming-body.js";
import { hasherFor } from "./threaded-hasher.js";
import { isOfOtherParts, partSizeOf } from "./uploaded-parts.js";
import { wantedHashes } from "./wanted-hashes.js";

/**
 * Open an object for reading. Its bytes are checked while they stream.
 *
 * @throws {ArtefactNotFoundError} The object or version does not exist.
 * @throws {ArtefactChangedError} Another object is at the key. While streaming: the bytes do not match the recorded
 *   hashes.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function getObject(
  reference: ObjectReference,
  options: TransferOptions & { readonly client: S3Client },
): Promise<VerifiedBody> {
  const answer = await openBody(reference, 0, options);
  const address = addressOf(reference.bucket, reference.key);
  const { etag, length: size } = answer;
  const sha256 = answer.Metadata?.[SHA256_METADATA]?.toLowerCase();
  const wanted = await wantedHashes(answer, () => partSizeOf(reference, answer, options)).catch(
    (error: unknown) => {
      dropBody(answer);
      throw error;
    },
  );

  const report = progressReporter(options.onProgress);

  let isTaken = false;
  async function* stream(): AsyncGenerator<Uint8Array> {
    if (isTaken) {
      throw new TypeError(`${address}: its body can be read once; get it again`);
    }
    isTaken = true;
    const hasher = hasherFor(wanted, size);
    // Hold one chunk back, so that no reader has all bytes before they are verified.
    let held: Uint8Array | undefined;
    let bytesDone = 0;
    try {
      for await (const chunk of resumingBody(reference, answer, options)) {
        await hasher.update(chunk);
        bytesDone += chunk.length;
        if (bytesDone > size) {
          break;
        }
        report({ bytesDone, bytesTotal: size });
        if (held !== undefined) {
          yield held;
        }
        held = chunk;
      }
      const fault =
        bytesDone === size
          ? await faultOf(await hasher.digest())
          : `it has ${bytesDone} bytes, expected ${size}`;
      if (fault !== undefined) {
        throw new ArtefactChangedError(`${address}: damaged: ${fault}`);
      }
    } finally {
      hasher.close();
    }
    if (held === undefined) {
      report({ bytesDone, bytesTotal: size });
    } else {
      yield held;
    }
  }
  const faultOf = async (found: Hashes): Promise<string | undefined> => {
    if (found.sha256 !== sha256) {
      return `its sha256 is ${sha256 ?? "missing"}, its bytes give ${found.sha256 ?? "none"}`;
    }
    if (found.etag === undefined || found.etag === etag) {
      return undefined;
    }
    if (await isOfOthers()) {
      return undefined;
    }
    return `its ETag is ${etag}, its bytes give ${found.etag}`;
  };
  // An object that this package wrote without a sha256 can only be verified by its ETag.
  const isOfOthers = async (): Promise<boolean> =>
    typeof wanted.md5 === "object" &&
    (sha256 !== undefined || answer.Metadata?.[PART_SIZE_METADATA] === undefined) &&
    isOfOtherParts(wanted.md5.partSize, reference, answer, options);
  return { size, etag, versionId: answer.VersionId, [Symbol.asyncIterator]: stream };
}
