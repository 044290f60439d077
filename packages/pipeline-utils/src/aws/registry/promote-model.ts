import { hostname, userInfo } from "node:os";

import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ArtefactNotFoundError, ModelIntegrityError } from "../../errors.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkKey } from "../artefacts/location.js";
import { headObject } from "../artefacts/metadata.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import { unquoteEtag } from "../etag.js";
import type { VerificationCheck } from "../models/custody.js";
import { readModelFile } from "../models/read-model-file.js";
import type { StoredModelFile } from "../models/read-model-file.js";
import { readPublicKeys } from "../models/signing-keys.js";
import { aliasKey, checkAlias } from "./alias.js";
import type { Alias, AliasReference, NamedModel, StoredAlias } from "./alias.js";
import { requireConditionalWrites } from "./probe-server.js";
import { readAlias, readLogLine } from "./read-registry.js";
import type { RegistryCall } from "./read-registry.js";
import { checkDataset, checkFile } from "./verify-model.js";
import { writeAlias } from "./write-alias.js";

/** Options of {@link promoteModel}. */
export interface PromoteModelOptions extends S3CallOptions {
  /** `production`. */
  readonly alias: string;
  /** Kept in the log. Not empty. */
  readonly reason: string;
  /** Who decides, for the log. Default: the user and the machine, as `alice@laptop`. */
  readonly actor?: string | undefined;
}

const PROMOTE_OPTIONS: OptionKinds<PromoteModelOptions> = {
  alias: "text",
  reason: "text",
  actor: "text",
  ...S3_CALL_OPTIONS,
};

/**
 * Let an alias such as `production` name a model. A service that follows the alias serves that model from its next poll
 * on.
 *
 * The model's file and its dataset are verified first. The log gets a line with who, when, why, from and to. If
 * several promotions run at once, one wins and the others fail.
 *
 * @param name - Name of the models, which the model must have: `time-to-dispatch`.
 * @param key - Key of the model's file: `models/time-to-dispatch_2021-07-20T14:44:13.558Z.json`.
 * @returns The alias. If it names these very bytes already, it is not moved.
 * @throws {ArtefactNotFoundError} The model does not exist.
 * @throws {ModelIntegrityError} The model has another name, or a check of {@link verifyModel} failed.
 * @throws {ArtefactChangedError} Another promotion won. The message says whose, and of which model.
 * @throws {S3AccessError} S3 failed or denied access, or the server ignores If-Match.
 * @throws {TypeError} The reason is empty, or the alias's name cannot be used.
 *
 * @example
 * ```ts
 * import { findLatestArtefactOnS3, promoteModel } from "@ml-pipelines/pipeline-utils/aws";
 *
 * const where = { folder: "models", filenamePrefix: "hours" };
 * const { key } = await findLatestArtefactOnS3("json", "my-bucket", where);
 * const { sequence } = await promoteModel("my-bucket", "hours", key, {
 *   alias: "production",
 *   reason: "the week's training",
 * });
 * console.log(sequence);
 * ```
 *
 * prints
 *
 * ```
 * 1
 * ```
 */
export async function promoteModel(
  bucket: string,
  name: string,
  key: string,
  options: PromoteModelOptions,
): Promise<Alias> {
  checkOptions(options, PROMOTE_OPTIONS);
  const { call, reference, decision } = begin(bucket, name, options);
  checkKey(bucket, key);
  await requireConditionalWrites(bucket, call);
  // The alias is read before the model is verified, so that a move meanwhile makes this one fail.
  const current = await readAlias(reference, call);
  const stored = await readFit(reference, key, call);
  rejectFailed(await checkDataset(stored.file.trainDataset, call));
  return move(reference, current, { stored, key, ...decision }, call);
}

/** Options of {@link rollBackModel}. */
export interface RollBackModelOptions extends PromoteModelOptions {
  /** Key of the model to roll back to. Default: the model that the alias named before its last move. */
  readonly to?: string | undefined;
}

/**
 * Let an alias name an earlier model again.
 *
 * Without `to`, that is the model before the alias's last move. It must be the same file, to the byte, as when the alias
 * named it. The dataset is not verified, because a roll-back must work even if an old dataset is gone. A second
 * roll-back therefore undoes the first; `to` goes further back.
 *
 * @throws {ArtefactNotFoundError} There is no such alias, it never named another model, or the model is gone.
 * @throws {ModelIntegrityError} The model has another name, its file fails a check, or it is not the file that the alias
 *   named.
 * @throws {ArtefactChangedError} Another move won. The message says whose, and to which model.
 * @throws {S3AccessError} S3 failed or denied access, or the server ignores If-Match.
 * @throws {TypeError} The reason is empty, or the alias's name cannot be used.
 */
export async function rollBackModel(
  bucket: string,
  name: string,
  options: RollBackModelOptions,
): Promise<Alias> {
  checkOptions(options, { to: "text", ...PROMOTE_OPTIONS });
  const { call, reference, decision } = begin(bucket, name, options);
  await requireConditionalWrites(bucket, call);
  const current = await readAlias(reference, call);
  const address = addressOf(bucket, aliasKey(reference));
  if (current === undefined) {
    throw new ArtefactNotFoundError(`${address}: no such alias, so there is nothing to roll back`);
  }
  const { to } = options;
  if (to !== undefined) {
    checkKey(bucket, to);
    const stored = await readFit(reference, to, call);
    return move(reference, current, { stored, key: to, ...decision }, call);
  }
  const { previous } = current;
  const line = previous && (await readLogLine(reference, previous.sequence, call));
  if (line === undefined) {
    const reason = previous === undefined ? "it never named another model" : "its log has no line for it";
    throw new ArtefactNotFoundError(
      `${address}: there is no model before ${current.model.key}: ${reason}; name one by its key`,
    );
  }
  const { key, sha256 } = line.model;
  const stored = await readFit(reference, key, call);
  if (stored.sha256 !== sha256) {
    throw new ModelIntegrityError(
      `${addressOf(bucket, key)}: its sha256 is ${stored.sha256}, expected ${sha256}, as when ${reference.alias} ` +
        `named it at ${line.sequence}; verify the file, then roll back to its key`,
    );
  }
  return move(reference, current, { stored, key, ...decision }, call);
}

function begin(bucket: string, name: string, options: PromoteModelOptions) {
  const { alias, reason, actor = defaultActor(), signal } = options;
  const reference = { bucket, name, alias };
  checkAlias(reference);
  for (const [field, text] of Object.entries({ reason, actor })) {
    if (typeof text !== "string" || text.trim() === "") {
      throw argumentError(field, text, "text that is not empty");
    }
  }
  return { reference, decision: { reason, actor }, call: { client: clientOf(options), signal } };
}

/** Who runs this process. A container's user may have no name. */
function defaultActor(): string {
  const { USER, USERNAME } = process.env;
  const user = [USER, USERNAME].find((name) => name !== undefined && name !== "");
  return `${user ?? userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

/** Read a model's file, and reject one that must not be named. */
async function readFit(
  { bucket, name }: AliasReference,
  key: string,
  call: RegistryCall,
): Promise<StoredModelFile> {
  const keys = readPublicKeys();
  const address = addressOf(bucket, key);
  const stored = await readModelFile({ bucket, key }, call);
  if (stored.file.name !== name) {
    const found = JSON.stringify(stored.file.name);
    throw new ModelIntegrityError(
      `${address}: the model's name is ${found}, expected ${JSON.stringify(name)}`,
    );
  }
  rejectFailed(checkFile(stored.file, keys, address));
  return stored;
}

function rejectFailed(checks: readonly VerificationCheck[]): void {
  const failed = checks.filter(({ status }) => status === "failed");
  if (failed.length > 0) {
    throw new ModelIntegrityError(failed.map(({ name, detail }) => `${detail} (${name})`).join("; "));
  }
}

async function move(
  reference: AliasReference,
  current: StoredAlias | undefined,
  { stored, key, actor, reason }: { stored: StoredModelFile; key: string; actor: string; reason: string },
  call: RegistryCall,
): Promise<Alias> {
  const { etag, versionId, sha256, file } = stored;
  const { modelHash } = file;
  if (current?.model.key === key && current.model.sha256 === sha256 && current.model.etag === etag) {
    return current;
  }
  const model: NamedModel = {
    ...{ key, etag, sha256, modelHash },
    ...(versionId === undefined ? {} : { versionId }),
  };
  const moved = await writeAlias(reference, current, { model, actor, reason }, call);
  // Somebody who deletes old models may not have seen the move.
  const there = await headObject(call.client, reference.bucket, key, { signal: call.signal });
  if (unquoteEtag(there?.ETag ?? "") !== etag) {
    const fault = there === undefined ? "deleted" : "replaced";
    throw new ArtefactNotFoundError(
      `${addressOf(reference.bucket, key)}: it was ${fault} while ${reference.alias} was moved to it: roll back`,
    );
  }
  return moved;
}
