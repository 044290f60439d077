import type { S3Client } from "@aws-sdk/client-s3";

import { findLatestArtefactOnS3 } from "../../aws/artefacts/find-artefacts.js";
import type { Dataset } from "../../aws/datasets/dataset.js";
import { canonicalJson } from "../../aws/models/canonical-json.js";
import { readCommit } from "../../aws/models/model.js";
import type { ModelFile } from "../../aws/models/model-file.js";
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
  run: TrainRun<M>,
  dataset: Dataset,
  client: S3Client,
): Promise<string | undefined> {
  const { options } = run;
  try {
    const { key, file } = await readNewestModel(run, client);
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

/**
 * Read the file of the newest model of the stage's name.
 *
 * @throws {ArtefactNotFoundError} There is no model of the name yet.
 * @throws {ModelIntegrityError} The newest one is no model's file.
 * @throws {ArtefactChangedError} It was overwritten after it was listed.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function readNewestModel<M>(
  { options, bucket, signal, allowFuture }: TrainRun<M>,
  client: S3Client,
): Promise<{ key: string; file: ModelFile }> {
  const notAfter = allowFuture ? undefined : latestAcceptedTimestamp();
  const where = { folder: MODELS_FOLDER, filenamePrefix: options.name, notAfter, client, signal };
  const { key, etag } = await findLatestArtefactOnS3("json", bucket, where);
  const { file } = await readModelFile({ bucket, key, etag }, { client, signal });
  return { key, file };
}
