import type { Table } from "apache-arrow";

import type { VerifiedBody } from "../artefacts/get/body.js";

/** A dataset and where it came from; read-only. */
export interface Dataset {
  /** Shape (rows, columns), columns in file order. */
  readonly data: Table;
  /** UTC, from the file's name. */
  readonly datetime: Date;
  readonly bucket: string;
  readonly key: string;
  /** The object's ETag without quotes. */
  readonly hash: string;
  /** Where the bucket keeps versions: by it the dataset can be had again after it was overwritten. */
  readonly versionId?: string;
}

/** What finds a dataset again: kept in every model trained on it. A {@link Dataset} is one. */
export interface DatasetReference {
  readonly bucket: string;
  readonly key: string;
  /** The object's ETag without quotes. */
  readonly hash: string;
  readonly versionId?: string | undefined;
}

/** A dataset from its table and the body it was read from. */
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
