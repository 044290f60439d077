import type { S3Client } from "@aws-sdk/client-s3";

import type { OptionKinds } from "../../argument-error.js";

/** Progress of a transfer. */
export interface TransferProgress {
  readonly bytesDone: number;
  /** undefined while the total size is unknown. */
  readonly bytesTotal: number | undefined;
}

/** Options of every call to S3. */
export interface S3CallOptions {
  /** Default: one shared client, which `createS3Client()` makes from the environment on first use. */
  readonly client?: S3Client | undefined;
  /** Aborts the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Headers that the bucket demands, by their names in lower case, for example
   * `{ "x-amz-server-side-encryption": "aws:kms" }`. Each request has those that S3 allows for it. The README lists them.
   * An unknown name is a TypeError. An artefact that the call returns keeps them for its own requests.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Options of every call that transfers a body. */
export interface TransferOptions extends S3CallOptions {
  /**
   * Called as bytes are transferred, and once more at the end.
   *
   * Reading a body for its hash, before anything is sent, does not count. If the callback throws, Node prints a
   * warning, the callback is not called again, and the transfer continues.
   */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Where to look for timestamped artefacts. */
export interface SearchOptions extends S3CallOptions {
  /** Key prefix, trailing `/` optional. Default: the top of the bucket. */
  readonly folder?: string | undefined;
  /**
   * Only files with this name: before the timestamp stands exactly this text, optionally followed by `_`, `-`, `.` or a
   * space. For example, `sales` matches `sales_2021-07-03.csv` but not `sales_eu_2021-07-03.csv`. Default: every name.
   */
  readonly filenamePrefix?: string | undefined;
  /** Whether to search subfolders too. Default: false. */
  readonly recursive?: boolean | undefined;
  /** Ignore files whose name has a later timestamp. Default: no limit, so a timestamp may be in the future. */
  readonly notAfter?: Date | undefined;
}

/** Options of a write. */
export interface PutOptions extends TransferOptions {
  /** Name, without `s3://`. */
  readonly bucket: string;
  /** Key prefix, trailing `/` optional. Default: the top of the bucket. */
  readonly folder?: string | undefined;
  /** Whether to replace an existing object. Default: false, which throws an ArtefactExistsError. */
  readonly overwrite?: boolean | undefined;
  /**
   * Replace only the object with this ETag, with or without quotes. If another object or none is at the key, the call
   * throws an ArtefactChangedError. Cannot be combined with `overwrite: true`.
   */
  readonly ifMatch?: string | undefined;
  /**
   * Whether to skip the write if the latest artefact of the same name, format and folder has the same content. The call
   * then returns that artefact. Default: false.
   */
  readonly skipUnchanged?: boolean | undefined;
}

export const S3_CALL_OPTIONS: OptionKinds<S3CallOptions> = {
  client: "client",
  headers: "other",
  signal: "signal",
};
export const TRANSFER_OPTIONS: OptionKinds<TransferOptions> = { ...S3_CALL_OPTIONS, onProgress: "function" };
export const SEARCH_OPTIONS: OptionKinds<SearchOptions> = {
  folder: "text",
  filenamePrefix: "text",
  recursive: "boolean",
  notAfter: "other",
  ...S3_CALL_OPTIONS,
};
export const PUT_OPTIONS: OptionKinds<PutOptions> = {
  bucket: "text",
  folder: "text",
  overwrite: "boolean",
  ifMatch: "other",
  skipUnchanged: "boolean",
  ...TRANSFER_OPTIONS,
};

/**
 * Wrap a caller's progress callback, so that its errors cannot make a successful transfer fail.
 *
 * After an error, Node prints a warning and the callback is not called again.
 */
export function progressReporter(
  onProgress: ((progress: TransferProgress) => void) | undefined,
): (progress: TransferProgress) => void {
  // The declared type returns void, but the compiler also accepts an async function, which can reject.
  let callback: ((progress: TransferProgress) => unknown) | undefined = onProgress;
  const stop = (error: unknown): void => {
    if (callback === undefined) {
      return;
    }
    callback = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`onProgress threw, and is not called again: ${reason}`, "S3Progress");
  };
  return (progress) => {
    try {
      const answer = callback?.(progress);
      if (answer instanceof Promise) {
        answer.catch(stop);
      }
    } catch (error) {
      stop(error);
    }
  };
}
