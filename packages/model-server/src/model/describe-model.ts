import { decodeValue, parseTimestampedKey } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, Target } from "@ml-pipelines/pipeline-utils/aws";
import { typicalRow } from "@ml-pipelines/pipeline-utils/monitoring";
import type { ModelDescription } from "../schemas/service.js";
import { explains } from "./explain-prediction.js";
import type { ServedModel } from "./served-model.js";

/** Describe a model: its origin, its training dataset, its metrics and its signature. */
export function describeModel(served: ServedModel): ModelDescription {
  const { model, modelClass, version, hash, address, loadedAt } = served;
  const { bucket, key, hash: datasetHash, versionId } = model.trainDataset;
  const timestamp = parseTimestampedKey(key)?.timestamp.toISOString();
  const typical = typicalRow(model.features, model.metadata.profile);
  const values = model.features.map(
    (feature, column) => [feature.name, decodeValue(feature, typical[column] ?? NaN)] as const,
  );
  return {
    name: model.name,
    model_type: model.modelType,
    model_version: version,
    model_timestamp: model.creationTime.toISOString(),
    model_hash: hash,
    model_address: address,
    loaded_at: loadedAt.toISOString(),
    train_dataset: {
      bucket,
      key,
      hash: datasetHash,
      ...(versionId !== undefined && { version_id: versionId }),
      ...(timestamp !== undefined && { timestamp }),
    },
    pipeline_git_commit_hash: model.pipelineGitCommitHash,
    metrics: numbersOf(model.metadata.metrics),
    exact_curves: modelClass.breakpoints !== undefined,
    explains: explains(served),
    features: model.features.map(copyColumn),
    ...(model.target !== undefined && { target: copyColumn(model.target) }),
    typical: Object.fromEntries(values),
  };
}

/** A column by the keys that this version knows: a file may have others. */
function copyColumn(column: Feature | Target) {
  const { name, type, description, unit } = column;
  return {
    name,
    type,
    ...(column.type === "category" && { categories: [...column.categories] }),
    ...(column.type === "number" && numberKeys(column)),
    ...(description !== undefined && { description }),
    ...(unit !== undefined && { unit }),
  };
}

function numberKeys({ minimum, maximum, integer }: Extract<Feature, { type: "number" }>) {
  return {
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(integer !== undefined && { integer }),
  };
}

/** The numbers among the metrics that training stored; other trainers may store none, or something else. */
function numbersOf(metrics: unknown): Record<string, number> {
  if (typeof metrics !== "object" || metrics === null) {
    return {};
  }
  const entries = Object.entries(metrics).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return Object.fromEntries(entries);
}
