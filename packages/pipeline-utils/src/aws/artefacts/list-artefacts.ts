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
 * Exact for every name: everything is listed before the first one comes (a request per 1,000 objects, some 300 bytes of memory each): to have the
 * newest alone, `findLatestArtefactOnS3` is quicker.
 *
 * @param fileFormat - `csv`, `parquet` or `json`.
 * @param bucket - Name, without `s3://`.
 * @throws {UnsupportedFileFormatError}
 * @throws {InvalidArtefactKeyError} A bucket or folder that cannot be one.
 * @throws {S3AccessError}
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
