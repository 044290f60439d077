import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";

import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ArtefactChangedError, ArtefactNotFoundError, S3AccessError } from "../../errors.js";
import { findVersionByEtag, getRecordedObject } from "../artefacts/get/get-recorded-object.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { headObject } from "../artefacts/metadata.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import type { DatasetReference } from "../datasets/dataset.js";
import { requireEtag, unquoteEtag } from "../etag.js";
import { checkContentHash, checkSignature } from "../models/custody.js";
import type { VerificationCheck } from "../models/custody.js";
import type { ModelFile } from "../models/model-file.js";
import { hashModelJson } from "../models/canonical-json.js";
import { readModelFile } from "../models/read-model-file.js";
import { readPublicKeys } from "../models/signing-keys.js";
import type { PublicKeys } from "../models/signing-keys.js";
import { statusOf } from "../s3-error.js";
import { readAliases } from "./read-registry.js";
import type { RegistryCall } from "./read-registry.js";

/** The result of {@link verifyModel}. */
export interface ModelVerification {
  /** Whether no check failed. Checks that have nothing to check do not count: see `status`. */
  readonly ok: boolean;
  readonly address: string;
  readonly name: string;
  readonly modelType: string;
  readonly modelHash: string;
  /** UTC. */
  readonly creationTime: Date;
  readonly trainDataset: DatasetReference;
  readonly pipelineGitCommitHash: string;
  /** Sha256 of all bytes of the file, in hex. */
  readonly sha256: string;
  readonly checks: readonly VerificationCheck[];
}

/** Options of {@link verifyModel}. */
export interface VerifyModelOptions extends S3CallOptions {
  /** Whether to download the dataset and check its bytes. Default: false. */
  readonly data?: boolean | undefined;
  /**
   * The ed25519 public keys that may have signed the model, in PEM, one after the other. Default: those of the
   * environment's `MODEL_PUBLIC_KEYS`. With keys, an unsigned model fails; without, no signature is checked.
   */
  readonly publicKeys?: string | undefined;
}

const VERIFY_MODEL_OPTIONS: OptionKinds<VerifyModelOptions> = {
  data: "boolean",
  publicKeys: "text",
  ...S3_CALL_OPTIONS,
};

/**
 * Verify a stored model: its file, whoever signed it, the aliases that name it, and its training dataset.
 *
 * The checks are:
 *
 * - The model and the file's content have the hashes that the file records.
 * - One of the public keys signed the file, if there are any.
 * - The file has the sha256 that each alias of its name records, if the alias names it.
 * - The training dataset exists, with the recorded version and hash. If the model records no version, any kept version
 *   with that hash passes. With `data`, its bytes are downloaded and checked.
 *
 * Files of older versions have no hash of their content. They stay valid, and the check is reported as `not covered`.
 *
 * @throws {ArtefactNotFoundError} The model does not exist.
 * @throws {ModelIntegrityError} The object is not a model's file, or the public keys cannot be used.
 * @throws {FormatError} An alias of the model's name is malformed.
 * @throws {S3AccessError} Also if access to the dataset is denied, because the dataset may still exist then.
 */
export async function verifyModel(
  bucket: string,
  key: string,
  options: VerifyModelOptions = {},
): Promise<ModelVerification> {
  checkOptions(options, VERIFY_MODEL_OPTIONS);
  const { signal, data = false, publicKeys } = options;
  const call = { client: clientOf(options), signal };
  const keys = publicKeys === undefined ? readPublicKeys() : readPublicKeys(publicKeys, "publicKeys");
  checkKey(checkBucket(bucket), key);
  const address = addressOf(bucket, key);
  const { file, sha256 } = await readModelFile({ bucket, key }, call);
  const { name, modelType, modelHash, creationTime, trainDataset, pipelineGitCommitHash } = file;
  const checks = [
    ...checkFile(file, keys, address),
    ...(await checkAliases({ bucket, key, name, sha256 }, call)),
    ...(await checkDataset(trainDataset, call)),
    ...(data ? [await checkData(trainDataset, call)] : []),
  ];
  return {
    ok: checks.every(({ status }) => status !== "failed"),
    ...{ address, name, modelType, modelHash, creationTime, trainDataset, pipelineGitCommitHash, sha256 },
    checks,
  };
}

/** Check a model's file by itself: its hashes and its signature. */
export function checkFile(
  file: ModelFile,
  keys: PublicKeys | undefined,
  address: string,
): VerificationCheck[] {
  const found = hashModelJson(file.modelJson);
  return [
    {
      name: "model hash",
      status: okIf(found === file.modelHash),
      detail: `${address}: the file says ${file.modelHash}, the model's hash is ${found}`,
    },
    checkContentHash(file, address),
    checkSignature(file, keys, address),
  ];
}

/** Check the bytes of a file against each alias that names it. */
async function checkAliases(
  { bucket, key, name, sha256 }: { bucket: string; key: string; name: string; sha256: string },
  call: RegistryCall,
): Promise<VerificationCheck[]> {
  const address = addressOf(bucket, key);
  const naming = (await readAliases(bucket, name, call)).filter(({ model }) => model.key === key);
  if (naming.length === 0) {
    return [{ name: "alias", status: "not covered", detail: `${address}: no alias names it` }];
  }
  return naming.map(({ alias, model }) => ({
    name: "alias",
    status: okIf(model.sha256 === sha256),
    detail: `${address}: ${alias} records sha256 ${model.sha256}, the file's is ${sha256}`,
  }));
}

const okIf = (holds: boolean): VerificationCheck["status"] => (holds ? "ok" : "failed");

/**
 * Get the metadata of a dataset: of the recorded version, else of a version with the recorded hash, else of the current
 * object.
 */
async function headRecorded(
  { bucket, key, hash, versionId }: DatasetReference,
  options: RegistryCall,
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

/** Check that a dataset exists as it was recorded, without downloading it. */
export async function checkDataset(
  dataset: DatasetReference,
  options: RegistryCall,
): Promise<VerificationCheck[]> {
  const { bucket, key, hash, versionId } = dataset;
  const address = addressOf(bucket, key);
  const { head, versionId: found } = await headRecorded(dataset, options);
  const version = found === undefined ? "" : ` in version ${found}`;
  const present: VerificationCheck = {
    name: "dataset present",
    status: okIf(head !== undefined),
    detail: `${address}: ${head === undefined ? "gone" : "there"}${version}`,
  };
  if (head === undefined) {
    return [present];
  }
  const etag = requireEtag(head.ETag, address);
  const hashCheck: VerificationCheck = {
    name: "dataset hash",
    status: okIf(etag === hash),
    detail: `${address}: the model records ${hash}, the object's ETag is ${etag}`,
  };
  if (versionId === undefined) {
    return [present, hashCheck];
  }
  const versionCheck: VerificationCheck = {
    name: "dataset version",
    status: okIf(head.VersionId === versionId),
    detail: `${address}: the model records ${versionId}, found ${head.VersionId ?? "none"}`,
  };
  return [present, versionCheck, hashCheck];
}

/** Download a dataset, and check its bytes against the hashes that are recorded with it. */
async function checkData(dataset: DatasetReference, call: RegistryCall): Promise<VerificationCheck> {
  const { bucket, key, hash, versionId } = dataset;
  const address = addressOf(bucket, key);
  try {
    const body = await getRecordedObject({ bucket, key, etag: hash, versionId }, call);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
    }
    const detail = `${address}: ${bytes} bytes agree with the recorded hash ${hash}`;
    return { name: "dataset bytes", status: "ok", detail };
  } catch (error) {
    if (error instanceof ArtefactChangedError || error instanceof ArtefactNotFoundError) {
      return { name: "dataset bytes", status: "failed", detail: error.message };
    }
    throw error;
  }
}
