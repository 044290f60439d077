import type { Table } from "apache-arrow";

import type { OptionKinds } from "../../argument-error.js";
import type { VerifiedBody } from "../artefacts/get/body.js";

/** A dataset and its origin. Read-only. */
export interface Dataset {
  /** Shape (rows, columns), columns in file order. */
  readonly data: Table;
  /** UTC, from the file's name. */
  readonly datetime: Date;
  readonly bucket: string;
  readonly key: string;
  /** The object's ETag without quotes. */
  readonly hash: string;
  /** Set if the bucket keeps versions. With it, the dataset can be read again after the key was overwritten. */
  readonly versionId?: string;
}

/**
 * Identifies a dataset exactly. Every model stores the reference of its training data. A {@link Dataset} is also one.
 */
export interface DatasetReference {
  readonly bucket: string;
  readonly key: string;
  /** The object's ETag without quotes. */
  readonly hash: string;
  readonly versionId?: string | undefined;
}

/** The names of a reference. A {@link Dataset} is also one. */
export const DATASET_REFERENCE: OptionKinds<DatasetReference & Dataset> = {
  bucket: "text",
  key: "text",
  hash: "text",
  versionId: "text",
  data: "other",
  datetime: "other",
};

/** Make a dataset of a table and the body from which the table was read. */
export function makeDataset(
  data: Table,
  { bucket, key, timestamp }: { readonly bucket: string; readonly key: string; readonly timestamp: Date },
  { etag, versionId }: VerifiedBody,
): Dataset {
  return Object.freeze({
    data,
    datetime: timestamp,
    bucket,
    key,
    hash: etag,
    ...(versionId === undefined ? {} : { versionId }),
  });
}
