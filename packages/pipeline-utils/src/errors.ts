import { onOneLine } from "./argument-error.js";

/**
 * The error tree of this package.
 *
 * ```
 * PipelineUtilsError
 * ├── ArtefactNotFoundError        no object with that key, or none of that format in the folder
 * ├── ArtefactExistsError          the key is taken, and `overwrite` was not given
 * ├── ArtefactChangedError         the object is not the one that was listed, recorded, or named by `ifMatch`
 * ├── InvalidArtefactKeyError      S3 or this package cannot use a bucket, key, folder, prefix or file name
 * ├── UnsupportedFileFormatError   a file format other than csv, parquet, json, html
 * ├── S3AccessError                S3 denied, failed or did not answer; `retryable` says whether a retry can help
 * ├── FormatError                  malformed CSV, Parquet or JSON, or values that violate the schema
 * ├── SerialisationError           a value that cannot be written
 * ├── ModelIntegrityError          a model's file that contradicts itself or has another type
 * └── NotExplainableError          a model that does not carry what an explanation needs
 * ```
 *
 * Every message gives the full address, the value and the bound, for example
 * `s3://bucket/k.csv line 1204: orders_placed is "ten", expected a number`.
 */
export abstract class PipelineUtilsError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(onOneLine(message), options);
    this.name = new.target.name;
  }
}

/** No object has that key, or the folder has no timestamped object of that format. */
export class ArtefactNotFoundError extends PipelineUtilsError {}

/** An object with that key exists, and the caller did not ask to overwrite it. */
export class ArtefactExistsError extends PipelineUtilsError {}

/**
 * The bytes or the ETag are not those that were listed, recorded, or named by `ifMatch`. The object was replaced,
 * truncated or damaged.
 */
export class ArtefactChangedError extends PipelineUtilsError {}

/** A bucket, key, folder, prefix or file name that cannot be used. */
export class InvalidArtefactKeyError extends PipelineUtilsError {}

/** A file format that this package does not support. */
export class UnsupportedFileFormatError extends PipelineUtilsError {}

/** S3 could not be reached, denied the request, or failed. `cause` is the SDK's error. */
export class S3AccessError extends PipelineUtilsError {
  /** Whether the same request may succeed later. True if the server is down, false if it rejects the credentials. */
  readonly retryable: boolean;

  constructor(message: string, options: ErrorOptions & { retryable: boolean }) {
    super(message, options);
    this.retryable = options.retryable;
  }
}

/** Bytes that are not well-formed CSV, Parquet or JSON, or values that violate the schema. */
export class FormatError extends PipelineUtilsError {}

/** A value that the file format cannot represent. */
export class SerialisationError extends PipelineUtilsError {}

/** A model's file whose hash, type or shape differs from its own claims. */
export class ModelIntegrityError extends PipelineUtilsError {}

/** A model that does not carry the data that an explanation needs, such as a tree without counts. */
export class NotExplainableError extends PipelineUtilsError {}
