/**
 * The error tree of this package.
 *
 * ```
 * PipelineUtilsError
 * ├── ArtefactNotFoundError        nothing of that name or kind is there
 * ├── ArtefactExistsError          the key is taken, and `overwrite` was not given
 * ├── ArtefactChangedError         the object is not the one that was listed or recorded
 * ├── InvalidArtefactKeyError      a key, folder, prefix or file name that S3 or this package cannot take
 * ├── UnsupportedFileFormatError   a file format other than csv, parquet, json
 * ├── S3AccessError                S3 refused, failed or did not answer; `retryable` says whether a retry may help
 * ├── FormatError                  bytes that are not the CSV, Parquet or JSON they should be
 * ├── SerialisationError           a value that cannot be written
 * └── ModelIntegrityError          a model's file that contradicts itself or is not of an accepted type
 * ```
 *
 * Every message carries the full address, the value and the bound, as in
 * `s3://bucket/k.csv line 1204: orders_placed is "ten", expected a number`.
 */
export abstract class PipelineUtilsError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No object with that key, or no timestamped object of that format in the folder. */
export class ArtefactNotFoundError extends PipelineUtilsError {}

/** An object with that key exists already and the caller did not ask to overwrite it. */
export class ArtefactExistsError extends PipelineUtilsError {}

/** The bytes or the ETag are not those that were listed or recorded: replaced, truncated or damaged. */
export class ArtefactChangedError extends PipelineUtilsError {}

/** A key, folder, prefix or file name that cannot be used. */
export class InvalidArtefactKeyError extends PipelineUtilsError {}

/** A file format that this package does not know. */
export class UnsupportedFileFormatError extends PipelineUtilsError {}

/** S3 could not be reached, refused the request, or failed; `cause` is the SDK's error. */
export class S3AccessError extends PipelineUtilsError {
  /** Whether the same request may succeed later: true for a server that is down, false for refused credentials. */
  readonly retryable: boolean;

  constructor(message: string, options: ErrorOptions & { retryable: boolean }) {
    super(message, options);
    this.retryable = options.retryable;
  }
}

/** Bytes that are not well-formed CSV, Parquet or JSON, or not what was expected of them. */
export class FormatError extends PipelineUtilsError {}

/** A value that has no form in the file format asked for. */
export class SerialisationError extends PipelineUtilsError {}

/** A model's file whose hash, type or shape is not what it claims. */
export class ModelIntegrityError extends PipelineUtilsError {}
