import type { S3Client } from "@aws-sdk/client-s3";

import { findLatestArtefactOnS3 } from "../../aws/artefacts/find-artefacts.js";
import type { Dataset } from "../../aws/datasets/dataset.js";
import { canonicalJson } from "../../aws/models/canonical-json.js";
import { readCommit } from "../../aws/models/model.js";
import { readModelFile } from "../../aws/models/read-model-file.js";
import { MODELS_FOLDER } from "../../aws/registry/list-models.js";
import { latestAcceptedTimestamp } from "../../aws/timestamped-key.js";
import { ArtefactNotFoundError, ModelIntegrityError } from "../../errors.js";
import type { TrainRun } from "./train-run.js";

/**
 * Find the newest model, if it is the one that this run would train: of the same dataset, commit and settings.
 *
 * @returns Its key; undefined if this run would train another.
 */
export async function findSameModel<M>(
  { options, bucket, signal, allowFuture }: TrainRun<M>,
  dataset: Dataset,
  client: S3Client,
): Promise<string | undefined> {
  try {
    const notAfter = allowFuture ? undefined : latestAcceptedTimestamp();
    const where = { folder: MODELS_FOLDER, filenamePrefix: options.name, notAfter, client, signal };
    const { key, etag } = await findLatestArtefactOnS3("json", bucket, where);
    const { file } = await readModelFile({ bucket, key, etag }, { client, signal });
    const { trainDataset, pipelineGitCommitHash, metadata } = file;
    const isSame =
      trainDataset.bucket === dataset.bucket &&
      trainDataset.key === dataset.key &&
      trainDataset.hash === dataset.hash &&
      pipelineGitCommitHash === readCommit() &&
      canonicalJson(metadata.settings ?? {}) === canonicalJson(options.settings ?? {});
    return isSame ? key : undefined;
  } catch (error) {
    if (error instanceof ArtefactNotFoundError || error instanceof ModelIntegrityError) {
      return undefined;
    }
    throw error;
  }
}
