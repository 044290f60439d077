import { isDate } from "node:util/types";

import { argumentError } from "../../../argument-error.js";
import { checkFileFormat, compareTimestamped, parseTimestampedKey } from "../../timestamped-key.js";
import type { FileFormat, TimestampedKey } from "../../timestamped-key.js";
import type { ListedObject } from "../lister.js";
import { checkBucket, folderPrefix } from "../location.js";
import type { SearchOptions } from "../options.js";
import { keyForm } from "./key-groups.js";
import type { KeyForm } from "./key-groups.js";

/** The keys that a search accepts. */
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
 * Check the options of a search.
 *
 * @throws {UnsupportedFileFormatError}
 * @throws {InvalidArtefactKeyError} The bucket or folder is invalid.
 * @throws {TypeError} An option has the wrong type, in a caller without types.
 */
export function makeSearchTarget(
  fileFormat: FileFormat,
  bucket: string,
  { folder, filenamePrefix, recursive = false, notAfter }: SearchOptions,
): SearchTarget {
  checkFileFormat(fileFormat);
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

/** Parse the name of a key, or return undefined if the target does not accept it. */
export function matchKey(key: string, target: SearchTarget): TimestampedKey | undefined {
  const { folder, fileFormat, filenamePrefix, recursive, notAfter = Infinity } = target;
  if (!key.startsWith(folder) || (!recursive && key.includes("/", folder.length))) {
    return undefined;
  }
  const parsed = parseTimestampedKey(key);
  if (parsed?.fileFormat !== fileFormat || parsed.timestamp.getTime() > notAfter) {
    return undefined;
  }
  if (filenamePrefix === undefined) {
    return parsed;
  }
  const isNamed = parsed.namePrefix.startsWith(filenamePrefix);
  return isNamed && /^[_\-. ]?$/.test(parsed.namePrefix.slice(filenamePrefix.length)) ? parsed : undefined;
}

/** The common beginning of all keys that a target accepts. */
export function commonStart({ folder, filenamePrefix = "", recursive }: SearchTarget): string {
  return recursive ? folder : folder + filenamePrefix;
}

interface Match {
  readonly object: ListedObject;
  readonly parsed: TimestampedKey;
}

/** The latest of the objects seen so far, and what their names reveal about the objects not seen. */
export class SearchState {
  readonly #target: SearchTarget;
  #best: Match | undefined;
  #form: KeyForm = { dateEnd: undefined, timeMark: undefined };
  #earliest = Infinity;
  #sawZoneBehind = false;
  #sawSecondDate = false;

  constructor(target: SearchTarget) {
    this.#target = target;
  }

  /** The latest object so far. */
  get best(): ListedObject | undefined {
    return this.#best?.object;
  }

  /** Milliseconds from the earliest timestamp seen to the latest; Infinity before any is seen. */
  get span(): number {
    return this.#best === undefined ? Infinity : this.#best.parsed.timestamp.getTime() - this.#earliest;
  }

  /** The form of the timestamp in the last name seen. */
  get form(): KeyForm {
    return this.#form;
  }

  /** Whether any name states a zone behind UTC, and is therefore later than it looks. */
  get sawZoneBehind(): boolean {
    return this.#sawZoneBehind;
  }

  /**
   * Whether any name has another date before its timestamp, as in `backup-2020-01-01-of-2021-05-05.csv`. Only the end
   * of such a name shows how late it is. Under a `filenamePrefix` there are none, because nothing else may stand there.
   */
  get sawSecondDate(): boolean {
    return this.#sawSecondDate;
  }

  /** Take a listed object into account, if the target accepts its key. */
  consider(object: ListedObject): void {
    const parsed = matchKey(object.key, this.#target);
    if (parsed === undefined) {
      return;
    }
    const match = { object, parsed };
    if (this.#best === undefined || isLater(match, this.#best)) {
      this.#best = match;
    }
    this.#earliest = Math.min(this.#earliest, parsed.timestamp.getTime());
    this.#form = keyForm(object.key.slice(object.key.lastIndexOf("/") + 1 + parsed.namePrefix.length));
    if (parsed.offsetMinutes < 0) {
      this.#sawZoneBehind = true;
    }
    const { filenamePrefix } = this.#target;
    if (filenamePrefix === undefined && /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/.test(parsed.namePrefix)) {
      this.#sawSecondDate = true;
    }
  }

  /**
   * Whether a key with a timestamp below `ceiling` (milliseconds since 1970, exclusive) could be later than the best.
   */
  mayBeBeatenBelow(ceiling: number): boolean {
    return this.#best === undefined || ceiling > this.#best.parsed.timestamp.getTime();
  }
}

function isLater(match: Match, than: Match): boolean {
  return (
    compareTimestamped({ ...match.parsed, key: match.object.key }, { ...than.parsed, key: than.object.key }) >
    0
  );
}
