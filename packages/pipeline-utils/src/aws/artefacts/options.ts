import type { S3Client } from "@aws-sdk/client-s3";

/** How far a transfer has come. */
export interface TransferProgress {
  readonly bytesDone: number;
  /** undefined while the size of what is written is not known. */
  readonly bytesTotal: number | undefined;
}

/** What every call that talks to S3 takes. */
export interface S3CallOptions {
  /** Default: one client made from the environment when first needed, by `createS3Client()`. */
  readonly client?: S3Client | undefined;
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What every call that moves a body takes. */
export interface TransferOptions extends S3CallOptions {
  /**
   * Called as bytes move, and a last time when all are there. What is read before anything is sent, for its hash, is not counted. A
   * callback that throws is not called again, and warned of by Node; the transfer goes on.
   */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Where to look for timestamped artefacts. */
export interface SearchOptions extends S3CallOptions {
  /** Key prefix, trailing `/` optional. Default: the whole bucket's top. */
  readonly folder?: string | undefined;
  /**
   * Only files of this name: what stands before the timestamp must be this, or this and one of `_`, `-`, `.` or a space.
   * So `sales` takes `sales_2021-07-03.csv` and leaves `sales_eu_2021-07-03.csv`. Default: every name.
   */
  readonly filenamePrefix?: string | undefined;
  /** Whether to look below the folder too. Default: false, its direct children only. */
  readonly recursive?: boolean | undefined;
  /** Files whose name has a later timestamp are passed over. Default: none are, however far ahead of the clock. */
  readonly notAfter?: Date | undefined;
}

/** How to write. */
export interface PutOptions extends TransferOptions {
  /** Name, without `s3://`. */
  readonly bucket: string;
  /** Key prefix, trailing `/` optional. Default: the bucket's top. */
  readonly folder?: string | undefined;
  /** Whether an object of the same key may be replaced. Default: false, which ends in an ArtefactExistsError. */
  readonly overwrite?: boolean | undefined;
  /**
   * Whether nothing is written if the latest artefact of the same name and format in the folder has the same content; that one
   * is returned. Default: false.
   */
  readonly skipUnchanged?: boolean | undefined;
}
