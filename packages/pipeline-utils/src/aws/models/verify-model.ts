import type { HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { checkOptions } from "../../argument-error.js";
import { S3AccessError } from "../../errors.js";
import { readAll } from "../artefacts/get/body.js";
import { findVersionByEtag } from "../artefacts/get/get-recorded-object.js";
import { getObject } from "../artefacts/get/get-object.js";
import { headObject } from "../artefacts/metadata.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import { statusOf } from "../s3-error.js";
import { requireEtag, unquoteEtag } from "../etag.js";
import type { DatasetReference } from "../datasets/dataset.js";
import { parseModelFile } from "./model-file.js";
import { hashModelJson } from "./canonical-json.js";

/** One check of a stored model. */
export interface VerificationCheck {
  readonly name: "model hash" | "dataset present" | "dataset version" | "dataset hash";
  readonly ok: boolean;
  /** The expected and the found value, on one line with the address. */
  readonly detail: string;
}

/** The result of {@link verifyModel}. */
export interface ModelVerification {
  /** Whether every check holds. */
  readonly ok: boolean;
  readonly address: string;
  readonly name: string;
  readonly modelType: string;
  readonly modelHash: string;
  /** UTC. */
  readonly creationTime: Date;
  readonly trainDataset: DatasetReference;
  readonly pipelineGitCommitHash: string;
  readonly checks: readonly VerificationCheck[];
}

/**
 * Verify a stored model and its training dataset.
 *
 * The checks are:
 *
 * - The model's hash is the one in its file.
 * - The training dataset exists, with the recorded version and hash. If the model records no version, any kept version
 *   with that hash passes.
 *
 * The dataset's bytes are not downloaded. `getDatasetFromS3(trainDataset)` also checks them.
 *
 * @throws {ArtefactNotFoundError} The model does not exist.
 * @throws {ModelIntegrityError} The object is not a model's file.
 * @throws {S3AccessError} Also if access to the dataset is denied, because the dataset may still exist then.
 */
export async function verifyModel(
  bucket: string,
  key: string,
  options: S3CallOptions = {},
): Promise<ModelVerification> {
  checkOptions(options, S3_CALL_OPTIONS);
  const { signal } = options;
  const client = clientOf(options);
  checkKey(checkBucket(bucket), key);
  const address = addressOf(bucket, key);
  const body = await getObject({ bucket, key }, { client, signal });
  const file = parseModelFile(await readAll(body), bucket, key);
  const { name, modelType, modelHash, creationTime, trainDataset, pipelineGitCommitHash } = file;
  const found = hashModelJson(file.modelJson);
  const modelCheck: VerificationCheck = {
    name: "model hash",
    ok: found === modelHash,
    detail: `${address}: the file says ${modelHash}, the model's hash is ${found}`,
  };
  const checks = [modelCheck, ...(await checkDataset(trainDataset, { client, signal }))];
  const ok = checks.every((check) => check.ok);
  return {
    ok,
    address,
    name,
    modelType,
    modelHash,
    creationTime,
    trainDataset,
    pipelineGitCommitHash,
    checks,
  };
}

/**
 * Get the metadata of a dataset: of the recorded version, else of a version with the recorded hash, else of the current
 * object.
 */
async function headRecorded(
  { bucket, key, hash, versionId }: DatasetReference,
  options: S3CallOptions & { readonly client: S3Client },
): Promise<{ head: HeadObjectCommandOutput | undefined; versionId: string | undefined }> {
  const { client, signal } = options;
  const head = await headObject(client, bucket, key, { signal, versionId });
  if (versionId !== undefined || unquoteEtag(head?.ETag ?? "") === hash) {
    return { head, versionId };
  }
  const kept = await findVersionByEtag({ bucket, key, etag: hash }, options).catch((error: unknown) => {
    // A bucket that does not exist has no versions.
    if (error instanceof S3AccessError && statusOf(error.cause) === 404) {
      return { versionId: undefined };
    }
    throw error;
  });
  if (kept.versionId === undefined) {
    return { head, versionId };
  }
  const found = { signal, versionId: kept.versionId };
  return { head: await headObject(client, bucket, key, found), versionId: kept.versionId };
}

async function checkDataset(
  dataset: DatasetReference,
  options: S3CallOptions & { readonly client: S3Client },
): Promise<VerificationCheck[]> {
  const { bucket, key, hash, versionId } = dataset;
  const address = addressOf(bucket, key);
  const { head, versionId: found } = await headRecorded(dataset, options);
  const version = found === undefined ? "" : ` in version ${found}`;
  const present: VerificationCheck = {
    name: "dataset present",
    ok: head !== undefined,
    detail: `${address}: ${head === undefined ? "gone" : "there"}${version}`,
  };
  if (head === undefined) {
    return [present];
  }
  const etag = requireEtag(head.ETag, address);
  const hashCheck: VerificationCheck = {
    name: "dataset hash",
    ok: etag === hash,
    detail: `${address}: the model records ${hash}, the object's ETag is ${etag}`,
  };
  if (versionId === undefined) {
    return [present, hashCheck];
  }
  const versionCheck: VerificationCheck = {
    name: "dataset version",
    ok: head.VersionId === versionId,
    detail: `${address}: the model records ${versionId}, found ${head.VersionId ?? "none"}`,
  };
  return [present, versionCheck, hashCheck];
}
