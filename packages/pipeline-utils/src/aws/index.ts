export { createS3Client } from "./client.js";
export type { S3ClientOptions } from "./client.js";
export type { RetryEvent } from "./client-retry.js";
export {
  FILE_FORMATS,
  latestAcceptedTimestamp,
  makeTimestampedFilename,
  parseTimestampedKey,
} from "./timestamped-key.js";
export type { FileFormat, TimestampedKey } from "./timestamped-key.js";
export { S3TimestampedArtefact } from "./artefacts/artefact.js";
export type { VerifiedBody } from "./artefacts/get/body.js";
export { findLatestArtefactOnS3 } from "./artefacts/find-artefacts.js";
export { listArtefacts } from "./artefacts/find-artefacts.js";
export type {
  PutOptions,
  S3CallOptions,
  SearchOptions,
  TransferOptions,
  TransferProgress,
} from "./artefacts/options.js";
export { putObjectToS3 } from "./artefacts/put/put-object.js";
export type { PutObjectOptions } from "./artefacts/put/put-object.js";
export { putFileToS3 } from "./artefacts/put/put-repeatable.js";
export type { Dataset, DatasetReference } from "./datasets/dataset.js";
export {
  getDatasetFromS3,
  getLatestCsvDatasetFromS3,
  getLatestParquetDatasetFromS3,
} from "./datasets/get-dataset.js";
export type { DatasetToGet, GetCsvDatasetOptions, GetParquetDatasetOptions } from "./datasets/get-dataset.js";
export { putCsvDatasetToS3, putParquetDatasetToS3 } from "./datasets/put-dataset.js";
export type { PutDatasetOptions } from "./datasets/put-dataset.js";
export { MAX_FLOAT32 } from "./models/feature.js";
export type {
  BooleanFeature,
  CategoryFeature,
  Feature,
  NumberFeature,
  Target,
  UnknownKeys,
} from "./models/feature.js";
export { getLatestModelFromS3, getModelFromS3 } from "./models/get-model.js";
export type { GetModelOptions } from "./models/get-model.js";
export type { JsonObject, JsonValue } from "./models/json-value.js";
export type { CompiledModel, Explanation, ModelClass, PathStep } from "./models/model-class.js";
export { runModelThread } from "./models/model-thread.js";
export type { ModelSignature, VerificationCheck } from "./models/custody.js";
export { signModel } from "./models/sign-model.js";
export { Model } from "./models/model.js";
export { columnOfFewestCategories, countCategories, decodeValue, describeRow } from "./models/row.js";
export type { ModelProperties } from "./models/model.js";
export * from "../errors.js";
export type { Alias, NamedModel, StoredAlias } from "./registry/alias.js";
export { listModels } from "./registry/list-models.js";
export type { ListModelsOptions, ModelSummary, UnreadableModel } from "./registry/list-models.js";
export type { LivingModel } from "./registry/living-models.js";
export { probeServer } from "./registry/probe-server.js";
export type { ServerProbe } from "./registry/probe-server.js";
export { promoteModel, rollBackModel } from "./registry/promote-model.js";
export type { PromoteModelOptions, RollBackModelOptions } from "./registry/promote-model.js";
export { pruneModels } from "./registry/prune-models.js";
export type { PruneModelsOptions, PruneResult } from "./registry/prune-models.js";
export { getAlias, listAliasHistory } from "./registry/read-registry.js";
export type { AliasHistoryEntry, AliasHistoryOptions, GetAliasOptions } from "./registry/read-registry.js";
export { verifyModel } from "./registry/verify-model.js";
export type { ModelVerification, VerifyModelOptions } from "./registry/verify-model.js";
