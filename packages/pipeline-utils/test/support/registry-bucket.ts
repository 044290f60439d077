import { Model, putCsvDatasetToS3 } from "@ml-pipelines/pipeline-utils/aws";
import type { DatasetReference } from "@ml-pipelines/pipeline-utils/aws";
import { properties } from "./constant-model.js";
import { ordersTable } from "./tables.js";
import type { TestS3 } from "./test-s3.js";

/** Name of the models in the tests of the registry. */
export const NAME = "time-to-dispatch";

/** A bucket with a dataset. */
export interface RegistryBucket {
  readonly bucket: string;
  readonly trainDataset: DatasetReference;
}

/** A new bucket with a dataset, and no model yet. */
export async function registryBucket(s3: TestS3, versioned = false): Promise<RegistryBucket> {
  const bucket = await s3.bucket({ versioned });
  const { key, etag, versionId } = await putCsvDatasetToS3(ordersTable(), {
    ...{ bucket, folder: "datasets", filenamePrefix: "orders", client: s3.client },
    refDatetime: new Date("2021-07-03T23:05:32Z"),
  });
  const version = versionId === undefined ? {} : { versionId };
  return { bucket, trainDataset: { bucket, key, hash: etag, ...version } };
}

/** Put a model that predicts `value`, created so many days ago; its key. */
export async function putModel(
  s3: TestS3,
  { bucket, trainDataset }: RegistryBucket,
  { value = 1, daysAgo = 0, name = NAME }: { value?: number; daysAgo?: number; name?: string } = {},
): Promise<string> {
  const creationTime = new Date(Date.now() - daysAgo * 86_400_000 + value);
  const model = new Model({ ...properties, name, trainDataset, creationTime, model: { value } });
  return (await model.putModelToS3({ bucket, folder: "models", client: s3.client })).key;
}
