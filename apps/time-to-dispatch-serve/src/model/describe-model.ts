import type { ModelDescription } from "../schemas/model-description.js";
import type { ServedModel } from "./served-model.js";

/** What is known of a model: where it came from, what it was trained on, how good it is, what it takes. */
export function describeModel({ model, version, hash, address, loadedAt }: ServedModel): ModelDescription {
  const { bucket, key, hash: datasetHash, versionId } = model.trainDataset;
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
    },
    pipeline_git_commit_hash: model.pipelineGitCommitHash,
    metrics: numbersOf(model.metadata.metrics),
    features: model.features.map((feature) =>
      feature.type === "category" ? { ...feature, categories: [...feature.categories] } : { ...feature },
    ),
  };
}

/** The numbers among the metrics that training stored; other trainers may store none, or something else. */
function numbersOf(metrics: unknown): Record<string, number> {
  if (typeof metrics !== "object" || metrics === null) return {};
  const entries = Object.entries(metrics).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return Object.fromEntries(entries);
}
