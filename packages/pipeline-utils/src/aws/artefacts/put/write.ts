import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactExistsError } from "../../../errors.js";
import { addressOf } from "../location.js";
import type { TransferProgress } from "../options.js";

/** One write of one object, under way. */
export interface Write {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly overwrite: boolean;
  /** Random: by it the write knows its own object again after an answer was lost. */
  readonly writeId: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
}

/** What a write left behind. */
export interface Written {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
}

/** The error of a write that may not replace what is there. */
export function existsError(
  { bucket, key }: Pick<Write, "bucket" | "key">,
  cause?: unknown,
): ArtefactExistsError {
  return new ArtefactExistsError(
    `${addressOf(bucket, key)} exists already; pass overwrite: true to replace it`,
    { cause },
  );
}
