import { ArtefactNotFoundError } from "../../errors.js";
import { defaultS3Client } from "../client.js";
import { checkFileFormat, compareKeys, parseTimestampedKey } from "../timestamped-key.js";
import type { FileFormat, TimestampedKey } from "../timestamped-key.js";
import { S3TimestampedArtefact } from "./artefact.js";
import { addressOf, checkBucket, folderPrefix } from "./location.js";
import { s3Lister } from "./lister.js";
import type { ListedObject, ObjectLister } from "./lister.js";
import type { SearchOptions } from "./options.js";

/** What is looked for among the keys of a bucket. */
export interface SearchTarget {
  /** "" or a folder with its trailing `/`. */
  readonly prefix: string;
  readonly fileFormat: FileFormat;
  readonly filenamePrefix: string | undefined;
  readonly recursive: boolean;
}

/**
 * Find the latest artefact of a format in a folder.
 *
 * "Latest" is the greatest timestamp in the file's name, not S3's LastModified; of equal ones the greater key.
 *
 * @param fileFormat - `csv`, `parquet` or `json`.
 * @param bucket - Name, without `s3://`.
 * @throws {ArtefactNotFoundError} No timestamped file of that format and name in the folder.
 * @throws {UnsupportedFileFormatError}
 * @throws {InvalidArtefactKeyError} A bucket or folder that cannot be one.
 * @throws {S3AccessError}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function findLatestArtefactOnS3(
  fileFormat: FileFormat,
  bucket: string,
  { folder, filenamePrefix, recursive = false, client = defaultS3Client(), signal }: SearchOptions = {},
): Promise<S3TimestampedArtefact> {
  checkFileFormat(fileFormat);
  const prefix = folderPrefix(checkBucket(bucket), folder);
  const target = { prefix, fileFormat, filenamePrefix, recursive };
  const latest = await findLatest(s3Lister(client, bucket, signal), target);
  if (latest === undefined) {
    const name = filenamePrefix === undefined ? "" : ` named ${JSON.stringify(filenamePrefix)}`;
    throw new ArtefactNotFoundError(
      `${addressOf(bucket, prefix)}: no timestamped .${fileFormat} file${name}${recursive ? " here or below" : ""}`,
    );
  }
  return new S3TimestampedArtefact({ bucket, ...latest }, client);
}

/** The latest object that matches; undefined if none does. Memory does not grow with the folder. */
export async function findLatest(
  lister: ObjectLister,
  target: SearchTarget,
): Promise<ListedObject | undefined> {
  let best: { object: ListedObject; parsed: TimestampedKey } | undefined;
  let continuationToken: string | undefined;
  do {
    const page = await lister.list({
      prefix: target.prefix,
      delimiter: target.recursive ? undefined : "/",
      continuationToken,
    });
    for (const object of page.objects) {
      const parsed = matchKey(object.key, target);
      if (parsed === undefined) continue;
      const order =
        best === undefined
          ? 1
          : parsed.timestamp.getTime() - best.parsed.timestamp.getTime() ||
            parsed.subMillisecond - best.parsed.subMillisecond ||
            compareKeys(object.key, best.object.key);
      if (order > 0) best = { object, parsed };
    }
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined);
  return best?.object;
}

/** What a key's name says if it is one of those looked for. */
export function matchKey(key: string, target: SearchTarget): TimestampedKey | undefined {
  if (!key.startsWith(target.prefix)) return undefined;
  if (!target.recursive && key.includes("/", target.prefix.length)) return undefined;
  const parsed = parseTimestampedKey(key);
  if (parsed?.fileFormat !== target.fileFormat) return undefined;
  const { filenamePrefix } = target;
  if (filenamePrefix === undefined) return parsed;
  const isNamed = parsed.namePrefix.startsWith(filenamePrefix);
  return isNamed && /^[_\-. ]?$/.test(parsed.namePrefix.slice(filenamePrefix.length)) ? parsed : undefined;
}
