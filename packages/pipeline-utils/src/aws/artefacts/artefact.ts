import type { S3Client } from "@aws-sdk/client-s3";

import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { InvalidArtefactKeyError } from "../../errors.js";
import { compareTimestamped, parseTimestampedKey } from "../timestamped-key.js";
import type { FileFormat } from "../timestamped-key.js";
import { getObject } from "./get/get-object.js";
import { clientOf } from "./headers.js";
import { addressOf } from "./location.js";
import type { VerifiedBody } from "./get/body.js";
import type { TransferOptions } from "./options.js";

const GET_OPTIONS: OptionKinds<Omit<TransferOptions, "client">> = {
  signal: "signal",
  headers: "other",
  onProgress: "function",
};

/** The identity of one object. */
export interface ArtefactIdentity {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly versionId?: string | undefined;
}

/** An object on S3 whose file name carries a timestamp and one of this package's formats. */
export class S3TimestampedArtefact {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  /** Known after a write to a versioned bucket. Listings do not contain it. */
  readonly versionId: string | undefined;
  /** UTC, from the file's name. */
  readonly timestamp: Date;
  readonly fileFormat: FileFormat;
  readonly #subMillisecond: number;
  readonly #client: S3Client;

  /** @throws {InvalidArtefactKeyError} The file name has no timestamp or another format. */
  constructor({ bucket, key, etag, versionId }: ArtefactIdentity, client: S3Client) {
    const parsed = parseTimestampedKey(key);
    if (parsed === undefined) {
      throw new InvalidArtefactKeyError(
        `${addressOf(bucket, key)}: the file's name has no timestamp, expected a name such as name_2021-07-03T23:05:32.csv`,
      );
    }
    this.bucket = bucket;
    this.key = key;
    this.etag = etag;
    this.versionId = versionId;
    this.timestamp = parsed.timestamp;
    this.fileFormat = parsed.fileFormat;
    this.#subMillisecond = parsed.subMillisecond;
    this.#client = client;
  }

  /** The full address, `s3://bucket/key`. */
  get address(): string {
    return addressOf(this.bucket, this.key);
  }

  /**
   * Read exactly the object that was listed. Its bytes are checked against its ETag and its sha256 while they stream.
   *
   * @throws {ArtefactChangedError} The object was replaced after the listing. While streaming: the bytes do not match
   *   the recorded hashes.
   * @throws {ArtefactNotFoundError} The object was deleted after the listing.
   * @throws {S3AccessError} S3 failed or denied access.
   */
  async get(options: Omit<TransferOptions, "client"> = {}): Promise<VerifiedBody> {
    checkOptions(options, GET_OPTIONS);
    const { headers, signal, onProgress } = options;
    return getObject(this, { client: clientOf({ client: this.#client, headers }), signal, onProgress });
  }

  /** Compare by timestamp, ascending, then by key in S3's order. The result is negative if `a` comes before `b`. */
  static compare(a: S3TimestampedArtefact, b: S3TimestampedArtefact): number {
    return compareTimestamped(
      { timestamp: a.timestamp, subMillisecond: a.#subMillisecond, key: a.key },
      { timestamp: b.timestamp, subMillisecond: b.#subMillisecond, key: b.key },
    );
  }
}
