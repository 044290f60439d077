export { createS3Client } from "./client.js";
export type { S3ClientOptions } from "./client.js";
export type { RetryEvent } from "./client-retry.js";
export { FILE_FORMATS, makeTimestampedFilename, parseTimestampedKey } from "./timestamped-key.js";
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
export type { CompiledModel, ModelClass } from "./models/model-class.js";
export { runModelThread } from "./models/model-thread.js";
export { verifyModel } from "./models/verify-model.js";
export type { ModelVerification, VerificationCheck } from "./models/verify-model.js";
export { Model } from "./models/model.js";
export { columnOfFewestCategories, countCategories, decodeValue, describeRow } from "./models/row.js";
export type { ModelProperties } from "./models/model.js";
export * from "../errors.js";
