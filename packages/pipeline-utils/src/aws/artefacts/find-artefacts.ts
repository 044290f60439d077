import { checkOptions } from "../../argument-error.js";
import { ArtefactNotFoundError } from "../../errors.js";
import { requireEtag } from "../etag.js";
import type { FileFormat } from "../timestamped-key.js";
import { S3TimestampedArtefact } from "./artefact.js";
import { clientOf } from "./headers.js";
import { listAll, s3Lister } from "./lister.js";
import { addressOf } from "./location.js";
import { SEARCH_OPTIONS } from "./options.js";
import type { SearchOptions } from "./options.js";
import { findLatestObject } from "./search/find-latest-object.js";
import { commonStart, makeSearchTarget, matchKey } from "./search/search-target.js";

/**
 * Find the latest artefact of a format in a folder.
 *
 * "Latest" is the greatest timestamp in the file's name, not S3's LastModified. If timestamps are equal, the greater key
 * wins. A folder of up to 1,000 objects takes one request. A million objects of one name take at most ten.
 *
 * The result is exact in folders of up to 4,000 entries, and with `recursive`. In larger folders, two unusual kinds of
 * file name can be missed:
 *
 * - Without `filenamePrefix`, names with another date and a `T`, `_` or space before their timestamp.
 * - Names with a zone behind UTC, where two days hold more keys than can be listed.
 *
 * This package and the Python one write neither kind. The README ("How it works, and its limits") gives the exact
 * conditions. `listArtefacts` is always exact.
 *
 * @param fileFormat - `csv`, `parquet` or `json`.
 * @param bucket - Name, without `s3://`.
 * @throws {ArtefactNotFoundError} The folder has no timestamped file of that format and name.
 * @throws {UnsupportedFileFormatError} `fileFormat` is none of the three.
 * @throws {InvalidArtefactKeyError} The bucket or folder is invalid.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} The options are no object, or one is unknown or has the wrong type, in a caller without types.
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
  options: SearchOptions = {},
): Promise<S3TimestampedArtefact> {
  checkOptions(options, SEARCH_OPTIONS);
  const { client: given, headers, signal, ...where } = options;
  const client = clientOf({ client: given, headers });
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

/**
 * List the artefacts of a format in a folder, newest first: by the timestamp in the file's name, then by key.
 *
 * The result is exact for every name, because all objects are listed before the first artefact is yielded. A listing
 * takes one request per 1,000 objects, and about 300 bytes of memory per object. `findLatestArtefactOnS3` is faster if
 * only the latest is needed.
 *
 * @param fileFormat - `csv`, `parquet` or `json`.
 * @param bucket - Name, without `s3://`.
 * @throws {UnsupportedFileFormatError} `fileFormat` is none of the three.
 * @throws {InvalidArtefactKeyError} The bucket or folder is invalid.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} The options are no object, or one is unknown or has the wrong type, in a caller without types.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function* listArtefacts(
  fileFormat: FileFormat,
  bucket: string,
  options: SearchOptions = {},
): AsyncGenerator<S3TimestampedArtefact, void, undefined> {
  checkOptions(options, SEARCH_OPTIONS);
  const { client: given, headers, signal, ...where } = options;
  const client = clientOf({ client: given, headers });
  const target = makeSearchTarget(fileFormat, bucket, where);
  const delimiter = target.recursive ? undefined : "/";
  const request = { prefix: commonStart(target), delimiter };
  const { objects } = await listAll(s3Lister(client, bucket, signal), request);
  const artefacts = objects
    .filter(({ key }) => matchKey(key, target) !== undefined)
    .map(({ key, etag: listed }) => {
      const etag = requireEtag(listed, addressOf(bucket, key));
      return new S3TimestampedArtefact({ bucket, key, etag }, client);
    });
  yield* artefacts.sort((a, b) => S3TimestampedArtefact.compare(b, a));
}
