import { ArtefactNotFoundError } from "../../errors.js";
import { defaultS3Client } from "../client.js";
import type { FileFormat } from "../timestamped-key.js";
import { S3TimestampedArtefact } from "./artefact.js";
import { addressOf } from "./location.js";
import { s3Lister } from "./lister.js";
import type { SearchOptions } from "./options.js";
import { requireEtag } from "./require-etag.js";
import { findLatestObject } from "./search/find-latest-object.js";
import { makeSearchTarget } from "./search/search-target.js";

/**
 * Find the latest artefact of a format in a folder.
 *
 * "Latest" is the greatest timestamp in the file's name, not S3's LastModified; of equal ones the greater key. One request for up to
 * 1,000 objects, at most ten for a million of one name.
 *
 * Exact for folders of up to 4,000 entries and with `recursive`. In larger ones two kinds of names can be passed over among
 * thousands: those with another date and a `T`, `_` or space before their timestamp, without `filenamePrefix`; and those with a zone
 * behind UTC, where two days hold more keys than can be listed. Names as this package and the Python one write them are never of either
 * kind. The README ("How it works, and its limits") says precisely when, and why. `listArtefacts` is exact always.
 *
 * @param fileFormat - `csv`, `parquet` or `json`.
 * @param bucket - Name, without `s3://`.
 * @throws {ArtefactNotFoundError} No timestamped file of that format and name in the folder.
 * @throws {UnsupportedFileFormatError}
 * @throws {InvalidArtefactKeyError} A bucket or folder that cannot be one.
 * @throws {S3AccessError}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 *
 * @example
 * ```ts
 * import { findLatestArtefactOnS3 } from "@ml-pipelines/pipeline-utils";
 *
 * const { key, timestamp } = await findLatestArtefactOnS3("csv", "my-bucket", { folder: "datasets" });
 * console.log(key, timestamp);
 * ```
 *
 * prints
 *
 * ```
 * datasets/orders_2021-07-03T23:05:32.csv 2021-07-03T23:05:32.000Z
 * ```
 */
export async function findLatestArtefactOnS3(
  fileFormat: FileFormat,
  bucket: string,
  { client = defaultS3Client(), signal, ...where }: SearchOptions = {},
): Promise<S3TimestampedArtefact> {
  const target = makeSearchTarget(fileFormat, bucket, where);
  const latest = await findLatestObject(s3Lister(client, bucket, signal), target);
  if (latest === undefined) {
    const { folder, filenamePrefix, recursive } = target;
    const name = filenamePrefix === undefined ? "" : ` named ${JSON.stringify(filenamePrefix)}`;
    throw new ArtefactNotFoundError(
      `${addressOf(bucket, folder)}: no timestamped .${fileFormat} file${name}${recursive ? " here or below" : ""}`,
    );
  }
  const etag = requireEtag(latest.etag, addressOf(bucket, latest.key));
  return new S3TimestampedArtefact({ bucket, key: latest.key, etag }, client);
}
