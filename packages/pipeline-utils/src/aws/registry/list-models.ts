import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ArtefactChangedError, ArtefactNotFoundError, ModelIntegrityError } from "../../errors.js";
import type { S3TimestampedArtefact } from "../artefacts/artefact.js";
import { listArtefacts } from "../artefacts/find-artefacts.js";
import { clientOf } from "../artefacts/headers.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import type { DatasetReference } from "../datasets/dataset.js";
import { isJsonObject } from "../models/json-value.js";
import type { JsonObject } from "../models/json-value.js";
import { readModelFile } from "../models/read-model-file.js";
import { checkNamePrefix } from "../timestamped-key.js";
import { mapBounded } from "./map-bounded.js";
import { readAliases } from "./read-registry.js";
import type { RegistryCall } from "./read-registry.js";

/** The folder that training writes models to. */
export const MODELS_FOLDER = "models";

/** One model in a list, without the model itself. */
export interface ModelSummary {
  readonly key: string;
  readonly name: string;
  readonly modelType: string;
  /** UTC. */
  readonly creationTime: Date;
  /** `metadata.metrics`, as training wrote them; `{}` if there are none. */
  readonly metrics: JsonObject;
  readonly trainDataset: DatasetReference;
  readonly pipelineGitCommitHash: string;
  readonly modelHash: string;
  /** Sha256 of all bytes of the file, in hex. */
  readonly sha256: string;
  /** The aliases that name this file, such as `production`. */
  readonly aliases: readonly string[];
  /** Id of the key that the file says it is signed by; undefined if it is unsigned. `verifyModel` checks it. */
  readonly signedBy: string | undefined;
}

/** A file among the models that cannot be read as one. */
export interface UnreadableModel {
  readonly key: string;
  readonly aliases: readonly string[];
  /** The reason, with the address. */
  readonly fault: string;
}

/** Options of {@link listModels}. */
export interface ListModelsOptions extends S3CallOptions {
  /** Only the newest models, at most so many. Default: all. */
  readonly limit?: number | undefined;
}

const LIST_OPTIONS: OptionKinds<ListModelsOptions> = { limit: "number", ...S3_CALL_OPTIONS };

/**
 * List the models of a name under `models/`, newest first by the timestamp in the file's name.
 *
 * Each file is read, 16 at a time, without its model class. A file that is no model is listed with its fault, and hides
 * no other.
 *
 * @throws {FormatError} An alias of the name is malformed.
 * @throws {S3AccessError} S3 failed or denied access.
 *
 * @example
 * ```ts
 * import { listModels } from "@ml-pipelines/pipeline-utils/aws";
 *
 * for (const model of await listModels("my-bucket", "hours", { limit: 5 })) {
 *   console.log(model.key, "fault" in model ? model.fault : model.metrics);
 * }
 * ```
 *
 * prints
 *
 * ```
 * models/hours_2021-07-20T14:44:13.558Z.json {}
 * ```
 */
export async function listModels(
  bucket: string,
  name: string,
  options: ListModelsOptions = {},
): Promise<(ModelSummary | UnreadableModel)[]> {
  checkOptions(options, LIST_OPTIONS);
  checkNamePrefix(name);
  const { limit = Infinity, signal } = options;
  const call = { client: clientOf(options), signal };
  const artefacts = (await listModelFiles(bucket, name, call)).slice(0, limit);
  const aliases = await readAliases(bucket, name, call);
  const summaries = await mapBounded(artefacts, async (artefact) => {
    const naming = aliases.filter(({ model }) => model.key === artefact.key).map(({ alias }) => alias);
    return summarise(artefact, naming, call);
  });
  // A model that was deleted meanwhile is no longer one.
  return summaries.filter((summary) => summary !== undefined);
}

/** List the files of a name under `models/`, newest first, all pages. */
export async function listModelFiles(
  bucket: string,
  name: string,
  { client, signal }: RegistryCall,
): Promise<S3TimestampedArtefact[]> {
  const where = { folder: MODELS_FOLDER, filenamePrefix: name, client, signal };
  const artefacts: S3TimestampedArtefact[] = [];
  for await (const artefact of listArtefacts("json", bucket, where)) {
    artefacts.push(artefact);
  }
  return artefacts;
}

async function summarise(
  { bucket, key }: S3TimestampedArtefact,
  aliases: readonly string[],
  call: RegistryCall,
): Promise<ModelSummary | UnreadableModel | undefined> {
  try {
    const { file, sha256 } = await readModelFile({ bucket, key }, call);
    const { name, modelType, creationTime, metadata, trainDataset, pipelineGitCommitHash, modelHash } = file;
    return {
      ...{ key, name, modelType, creationTime },
      metrics: isJsonObject(metadata.metrics) ? metadata.metrics : {},
      ...{ trainDataset, pipelineGitCommitHash, modelHash, sha256, aliases },
      signedBy: file.signedBy?.keyId,
    };
  } catch (error) {
    if (error instanceof ArtefactNotFoundError) {
      return undefined;
    }
    if (error instanceof ModelIntegrityError || error instanceof ArtefactChangedError) {
      return { key, aliases, fault: error.message };
    }
    throw error;
  }
}
