import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  FormatError,
  ModelIntegrityError,
  S3AccessError,
} from "@ml-pipelines/pipeline-utils/aws";
import { ModelRefusedError } from "../errors.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";

/**
 * The outcome of one look for the model that should be served: another one is served; nothing changed; there is none; it is
 * refused for the first time; storage did not answer.
 */
export const REFRESH_OUTCOMES = ["loaded", "unchanged", "none", "refused", "failed"] as const;
export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];

/** The place of the one model that is served. */
export interface ModelSlot {
  /** Undefined as long as none was found. */
  readonly current: ServedModel | undefined;
  /** Serve another model from the next request on. */
  swap(model: ServedModel): void;
  /** For the end of a message: `still serving s3://…`. */
  describe(): string;
}

/** A decision about an alias that is carried out: the model that it named then is served. */
export interface FollowedAlias {
  /** `production`. */
  readonly name: string;
  /** Number of the move in the alias's log. */
  readonly sequence: number;
  /** Key of the model's file. */
  readonly key: string;
}

/** Says which model should be served: the newest one (`NewestRule`), or the one that an alias names (`AliasRule`). */
export interface ModelRule {
  /** Where it looks, for messages: `s3://bucket/models`. */
  readonly address: string;
  /** The model it looks for, in messages: `newest model of s3://bucket/models/`. */
  readonly wanted: string;
  /** Lines of the log: there is no model, looking failed, looking works again. */
  readonly messages: { readonly none: string; readonly failed: string; readonly recovered: string };
  /** The model that should be served, if it is refused, and why. */
  readonly refusal: { readonly address: string; readonly reason: string } | undefined;
  /** Undefined if the rule follows no alias, or none is carried out yet. */
  readonly alias: FollowedAlias | undefined;
  /** Why a model is refused; undefined if it is not, or was not tried. */
  reasonOf(origin: ModelOrigin): string | undefined;
  /**
   * Look once, and swap in the model that should be served.
   *
   * The log names each fault of a model once, not with every look.
   *
   * @throws {ArtefactNotFoundError} There is none.
   * @throws {S3AccessError} Storage did not answer, or denies everything.
   */
  look(slot: ModelSlot, signal: AbortSignal): Promise<RefreshOutcome>;
}

/** A fault of the model itself. The next look finds a model that was replaced. */
export function isRefusal(error: unknown): error is Error {
  return (
    mayPassLater(error) ||
    error instanceof ArtefactChangedError ||
    error instanceof ModelIntegrityError ||
    error instanceof FormatError ||
    error instanceof ModelRefusedError
  );
}

/** Storage listed the model but denied or lost it. This can resolve without a new upload, so it is retried. */
export function mayPassLater(error: unknown): error is Error {
  return isDenial(error) || error instanceof ArtefactNotFoundError;
}

/** Storage listed the model and denies to read it: it is another account's, encrypted with its own key, or archived. */
export function isDenial(error: unknown): error is S3AccessError {
  return error instanceof S3AccessError && !error.retryable;
}

/** Whether two origins are of one object. */
export function isSame(one: ModelOrigin, other: ModelOrigin | undefined): boolean {
  return (
    one.key === other?.key &&
    one.etag === other.etag &&
    one.versionId === other.versionId &&
    one.sha256 === other.sha256
  );
}
