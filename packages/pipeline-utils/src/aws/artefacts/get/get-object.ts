import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError } from "../../../errors.js";
import { BodyHasher, unquoteEtag } from "../../etag.js";
import { addressOf } from "../location.js";
import { SHA256_METADATA } from "../metadata.js";
import type { TransferOptions } from "../options.js";
import type { VerifiedBody } from "./body.js";
import { openBody } from "./open-body.js";
import type { ObjectReference } from "./open-body.js";
import { resumingBody } from "./resuming-body.js";
import { wantedHashes } from "./wanted-hashes.js";

/**
 * Open an object for reading, its bytes to be checked while they stream.
 *
 * @throws {ArtefactNotFoundError} No such object or version.
 * @throws {ArtefactChangedError} Another object is at the key; while streaming: the bytes are not those recorded.
 * @throws {S3AccessError}
 */
export async function getObject(
  reference: ObjectReference,
  options: TransferOptions & { readonly client: S3Client },
): Promise<VerifiedBody> {
  const answer = await openBody(reference, 0, options);
  const address = addressOf(reference.bucket, reference.key);
  const size = answer.ContentLength ?? 0;
  const etag = unquoteEtag(answer.ETag ?? "");
  const sha256 = answer.Metadata?.[SHA256_METADATA]?.toLowerCase();
  const hasher = new BodyHasher(wantedHashes(answer, etag));

  async function* stream(): AsyncGenerator<Uint8Array> {
    // One chunk is held back, so that nobody has all the bytes before they are proven.
    let held: Uint8Array | undefined;
    let bytesDone = 0;
    for await (const chunk of resumingBody(reference, answer, options)) {
      hasher.update(chunk);
      bytesDone += chunk.length;
      if (bytesDone > size) break;
      options.onProgress?.({ bytesDone, bytesTotal: size });
      if (held !== undefined) yield held;
      held = chunk;
    }
    const found = hasher.digest();
    const faults: string[] = [];
    if (bytesDone !== size) faults.push(`${bytesDone} bytes came, ${size} were announced`);
    else if (found.etag !== undefined && found.etag !== etag) {
      faults.push(`its ETag is ${etag}, its bytes give ${found.etag}`);
    } else if (found.sha256 !== sha256) {
      faults.push(`its sha256 is ${sha256 ?? "missing"}, its bytes give ${found.sha256 ?? "none"}`);
    }
    if (faults.length > 0) throw new ArtefactChangedError(`${address}: damaged: ${faults.join("; ")}`);
    if (held !== undefined) yield held;
  }
  return { size, etag, versionId: answer.VersionId, [Symbol.asyncIterator]: stream };
}
