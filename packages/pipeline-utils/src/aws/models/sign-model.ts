import { checkOptions } from "../../argument-error.js";
import { ModelIntegrityError } from "../../errors.js";
import type { S3TimestampedArtefact } from "../artefacts/artefact.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import { putObjectToS3 } from "../artefacts/put/put-object.js";
import { checkContentHash } from "./custody.js";
import { renderSealed } from "./model-file.js";
import { hashModelJson } from "./canonical-json.js";
import { readModelFile } from "./read-model-file.js";
import { readSigningKey } from "./signing-keys.js";

/**
 * Sign a model's file that is in the bucket, by the key of `MODEL_SIGNING_KEY`. An earlier signature is replaced.
 *
 * The hashes in the file are checked first. The file is replaced only if nobody else changes it meanwhile. Its bytes
 * change, so an alias that names the file no longer agrees with it: promote it again.
 *
 * @returns The signed file.
 * @throws {ModelIntegrityError} `MODEL_SIGNING_KEY` is unset or no ed25519 private key, the object is not a model's file,
 *   or it contradicts its own hashes.
 * @throws {ArtefactNotFoundError} The model does not exist.
 * @throws {ArtefactChangedError} Somebody else replaced the file meanwhile.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function signModel(
  bucket: string,
  key: string,
  options: S3CallOptions = {},
): Promise<S3TimestampedArtefact> {
  checkOptions(options, S3_CALL_OPTIONS);
  const { signal, headers } = options;
  const client = clientOf(options);
  checkKey(checkBucket(bucket), key);
  const address = addressOf(bucket, key);
  const signingKey = readSigningKey();
  if (signingKey === undefined) {
    throw new ModelIntegrityError(`${address}: MODEL_SIGNING_KEY is not set, so the model cannot be signed`);
  }
  const { file, etag } = await readModelFile({ bucket, key }, { client, signal });
  const found = hashModelJson(file.modelJson);
  const content = checkContentHash(file, address);
  if (found !== file.modelHash || content.status === "failed") {
    const detail = content.status === "failed" ? content.detail : `${address}: the model's hash is ${found}`;
    throw new ModelIntegrityError(`${detail}: a file that was changed by hand is not signed`);
  }
  const unsealed = Object.entries(file.fields).filter(
    ([name]) => name !== "contentHash" && name !== "signedBy",
  );
  const text = renderSealed(Object.fromEntries(unsealed), file.modelJson, signingKey);
  const end = key.lastIndexOf("/") + 1;
  return putObjectToS3(new TextEncoder().encode(text), {
    ...{ bucket, folder: key.slice(0, end), filename: key.slice(end), ifMatch: etag },
    ...{ client: options.client, signal, headers },
  });
}
