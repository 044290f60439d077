import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError } from "../../../errors.js";
import { addressOf } from "../location.js";
import { PART_SIZE_METADATA } from "../metadata.js";
import type { TransferOptions } from "../options.js";
import { progressReporter } from "../options.js";
import type { VerifiedBody } from "./body.js";
import { BodyHasher, chooseHash, hasUnequalParts, partSizeOf } from "./body-hash.js";
import { dropBody } from "../call-s3.js";
import { openBody, resumingBody } from "./open-body.js";
import type { ObjectReference } from "./open-body.js";

/**
 * Open an object for reading. Its bytes are checked while they stream.
 *
 * @throws {ArtefactNotFoundError} The object or version does not exist.
 * @throws {ArtefactChangedError} Another object is at the key. While streaming: the bytes do not match the recorded
 *   hash.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function getObject(
  reference: ObjectReference,
  options: TransferOptions & { readonly client: S3Client },
): Promise<VerifiedBody> {
  const answer = await openBody(reference, 0, options);
  const address = addressOf(reference.bucket, reference.key);
  const { etag, length: size } = answer;
  const expected = await chooseHash(answer, () => partSizeOf(reference, answer, options)).catch(
    (error: unknown) => {
      dropBody(answer);
      throw error;
    },
  );

  // Parts of unequal size make an ETag that cannot be recomputed. This package's own parts are of one size, which it records.
  const isOfUnequalParts = async (): Promise<boolean> =>
    expected?.partSize !== undefined &&
    answer.Metadata?.[PART_SIZE_METADATA] === undefined &&
    hasUnequalParts(expected.partSize, reference, answer, options);
  const faultOf = async (found: string | undefined): Promise<string | undefined> => {
    if (expected === undefined || found === expected.value || (await isOfUnequalParts())) {
      return undefined;
    }
    return `its ${expected.name} is ${expected.value}, its bytes give ${found}`;
  };

  const report = progressReporter(options.onProgress);
  let isTaken = false;
  async function* stream(): AsyncGenerator<Uint8Array> {
    if (isTaken) {
      throw new TypeError(`${address}: its body can be read once; get it again`);
    }
    isTaken = true;
    const hasher = expected && new BodyHasher(expected);
    // Hold one chunk back, so that no reader has all bytes before they are verified.
    let held: Uint8Array | undefined;
    let bytesDone = 0;
    for await (const chunk of resumingBody(reference, answer, options)) {
      hasher?.update(chunk);
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
      bytesDone === size ? await faultOf(hasher?.digest()) : `it has ${bytesDone} bytes, expected ${size}`;
    if (fault !== undefined) {
      throw new ArtefactChangedError(`${address}: damaged: ${fault}`);
    }
    if (held === undefined) {
      report({ bytesDone, bytesTotal: size });
    } else {
      yield held;
    }
  }
  return { size, etag, versionId: answer.VersionId, [Symbol.asyncIterator]: stream };
}
