import type { S3Client } from "@aws-sdk/client-s3";

import { findLatestArtefactOnS3 } from "../aws/artefacts/find-artefacts.js";
import { addressOf } from "../aws/artefacts/location.js";
import { MODELS_FOLDER } from "../aws/registry/list-models.js";
import { aliasKey } from "../aws/registry/alias.js";
import { getAlias } from "../aws/registry/read-registry.js";
import { latestAcceptedTimestamp } from "../aws/timestamped-key.js";
import { ArtefactNotFoundError } from "../errors.js";

/**
 * Find the key of a model.
 *
 * @param which - A key, `latest`, or an alias such as `@production`.
 * @throws {ArtefactNotFoundError} There is no model of the name, or no such alias.
 */
export async function findModel(
  { bucket, name, which }: { readonly bucket: string; readonly name: string; readonly which: string },
  client: S3Client,
): Promise<string> {
  if (which.startsWith("@")) {
    const alias = which.slice(1);
    const found = await getAlias(bucket, name, alias, { client });
    if (found === undefined) {
      throw new ArtefactNotFoundError(`${addressOf(bucket, aliasKey({ name, alias }))}: no such alias`);
    }
    return found.model.key;
  }
  if (which !== "latest") {
    return which;
  }
  const notAfter = latestAcceptedTimestamp();
  const where = { folder: MODELS_FOLDER, filenamePrefix: name, notAfter, client };
  return (await findLatestArtefactOnS3("json", bucket, where)).key;
}
