import { createHash } from "node:crypto";

import type { S3Client } from "@aws-sdk/client-s3";

import { readAll } from "../artefacts/get/body.js";
import { getObject } from "../artefacts/get/get-object.js";
import type { ObjectReference } from "../artefacts/get/open-body.js";
import { parseModelFile } from "./model-file.js";
import type { ModelFile } from "./model-file.js";

/** A model's file with the identity of the object that holds it. */
export interface StoredModelFile {
  readonly file: ModelFile;
  /** Sha256 of all bytes of the object, in hex. */
  readonly sha256: string;
  /** Without quotes. */
  readonly etag: string;
  /** Set if the bucket keeps versions. */
  readonly versionId: string | undefined;
}

/**
 * Read a model's file without its class: nothing of the model is loaded, and no hash in the file is checked yet.
 *
 * @throws {ArtefactNotFoundError} The object does not exist.
 * @throws {ArtefactChangedError} Another object is at the key, or its bytes are damaged.
 * @throws {ModelIntegrityError} The object is not a model's file.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function readModelFile(
  reference: ObjectReference,
  options: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<StoredModelFile> {
  const body = await getObject(reference, options);
  const bytes = await readAll(body);
  return {
    file: parseModelFile(bytes, reference.bucket, reference.key),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    etag: body.etag,
    versionId: body.versionId,
  };
}
