import { defaultS3Client } from "../client.js";
import type { FileFormat } from "../timestamped-key.js";
import { S3TimestampedArtefact } from "./artefact.js";
import { addressOf } from "./location.js";
import { s3Lister } from "./lister.js";
import type { SearchOptions } from "./options.js";
import { requireEtag } from "./require-etag.js";
import { commonStart, makeSearchTarget, matchKey } from "./search/search-target.js";

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
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function* listArtefacts(
  fileFormat: FileFormat,
  bucket: string,
  { client = defaultS3Client(), signal, ...where }: SearchOptions = {},
): AsyncGenerator<S3TimestampedArtefact, void, undefined> {
  const target = makeSearchTarget(fileFormat, bucket, where);
  const lister = s3Lister(client, bucket, signal);
  const artefacts: S3TimestampedArtefact[] = [];
  let continuationToken: string | undefined;
  do {
    const delimiter = target.recursive ? undefined : "/";
    const page = await lister.list({ prefix: commonStart(target), delimiter, continuationToken });
    for (const object of page.objects) {
      if (matchKey(object.key, target) === undefined) {
        continue;
      }
      const etag = requireEtag(object.etag, addressOf(bucket, object.key));
      artefacts.push(new S3TimestampedArtefact({ bucket, key: object.key, etag }, client));
    }
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined);
  yield* artefacts.sort((a, b) => S3TimestampedArtefact.compare(b, a));
}
