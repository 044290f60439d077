import { isDate } from "node:util/types";

import { argumentError } from "../../../argument-error.js";
import { checkFileFormat, parseTimestampedKey } from "../../timestamped-key.js";
import type { FileFormat, TimestampedKey } from "../../timestamped-key.js";
import { checkBucket, folderPrefix } from "../location.js";
import type { SearchOptions } from "../options.js";

/** What is looked for among the keys of a bucket. */
export interface SearchTarget {
  /** "" or a folder with its trailing `/`. */
  readonly folder: string;
  readonly fileFormat: FileFormat;
  readonly filenamePrefix: string | undefined;
  /** Whether keys below the folder count, or its direct children only. */
  readonly recursive: boolean;
  /** The latest timestamp that counts, in milliseconds since 1970. Default: any. */
  readonly notAfter?: number | undefined;
}

/**
 * What a caller looks for.
 *
 * @throws {UnsupportedFileFormatError}
 * @throws {InvalidArtefactKeyError} A bucket or folder that cannot be one.
 * @throws {TypeError} One that is no text, in a caller without types.
 */
export function makeSearchTarget(
  fileFormat: FileFormat,
  bucket: string,
  { folder, filenamePrefix, recursive = false, notAfter }: SearchOptions,
): SearchTarget {
  checkFileFormat(fileFormat);
  if (filenamePrefix !== undefined && typeof filenamePrefix !== "string")
    throw argumentError("filenamePrefix", filenamePrefix, "text");
  if (notAfter !== undefined && !(isDate(notAfter) && !Number.isNaN(notAfter.getTime()))) {
    throw argumentError("notAfter", notAfter, "a valid Date");
  }
  return {
    folder: folderPrefix(checkBucket(bucket), folder),
    fileFormat,
    filenamePrefix,
    recursive,
    notAfter: notAfter?.getTime(),
  };
}

/** What a key's name says if it is one of those looked for. */
export function matchKey(key: string, target: SearchTarget): TimestampedKey | undefined {
  const { folder, fileFormat, filenamePrefix, recursive, notAfter = Infinity } = target;
  if (!key.startsWith(folder)) return undefined;
  if (!recursive && key.includes("/", folder.length)) return undefined;
  const parsed = parseTimestampedKey(key);
  if (parsed?.fileFormat !== fileFormat || parsed.timestamp.getTime() > notAfter) return undefined;
  if (filenamePrefix === undefined) return parsed;
  const isNamed = parsed.namePrefix.startsWith(filenamePrefix);
  return isNamed && /^[_\-. ]?$/.test(parsed.namePrefix.slice(filenamePrefix.length)) ? parsed : undefined;
}

/** What all keys looked for begin with. */
export function commonStart({ folder, filenamePrefix = "", recursive }: SearchTarget): string {
  return recursive ? folder : folder + filenamePrefix;
}
