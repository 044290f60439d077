import type { S3Client } from "@aws-sdk/client-s3";

import { clientOf } from "../../aws/artefacts/headers.js";
import type { ModelFile } from "../../aws/models/model-file.js";
import { readModelFile } from "../../aws/models/read-model-file.js";
import { ArtefactNotFoundError, InvalidArtefactKeyError, ModelIntegrityError } from "../../errors.js";

/**
 * Read the file of a model that a prediction log names.
 *
 * @returns Text if there is no such file any more, or it is no model's: the reason.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function readLoggedModel(
  bucket: string,
  key: string,
  { client, signal }: { readonly client: S3Client | undefined; readonly signal: AbortSignal | undefined },
): Promise<ModelFile | string> {
  try {
    const { file } = await readModelFile({ bucket, key }, { client: clientOf({ client }), signal });
    return file;
  } catch (error) {
    if (
      error instanceof ArtefactNotFoundError ||
      error instanceof ModelIntegrityError ||
      error instanceof InvalidArtefactKeyError
    ) {
      return error.message;
    }
    throw error;
  }
}
