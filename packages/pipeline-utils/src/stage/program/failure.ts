import {
  ArtefactChangedError,
  ArtefactExistsError,
  PipelineUtilsError,
  S3AccessError,
} from "../../errors.js";
import { StageError, StoppedError, TemporaryError } from "./errors.js";

/** How a program ends after an error. */
export interface Failure {
  /** 1: a retry may help. 2: it will fail again. Kubernetes retries 1 only. */
  readonly exitCode: 1 | 2;
  /** One sentence, for the log. */
  readonly reason: string;
  /** Whether the error is a fault of the program itself, whose stack is worth printing. */
  readonly isBug: boolean;
}

/**
 * Map an error to the way a program ends: the only place that decides exit codes.
 *
 * | error                                                                      | exit code | stack |
 * | -------------------------------------------------------------------------- | --------- | ----- |
 * | `StoppedError`, `TemporaryError`                                           | 1         | no    |
 * | `S3AccessError` that is `retryable`, `ArtefactChangedError`, `ArtefactExistsError` | 1 | no    |
 * | `StageError`, every other `PipelineUtilsError`                             | 2         | no    |
 * | anything else                                                              | 1         | yes   |
 */
export function describeFailure(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  if (mayPass(error)) {
    return { exitCode: 1, reason, isBug: false };
  }
  const isKnown = error instanceof StageError || error instanceof PipelineUtilsError;
  return { exitCode: isKnown ? 2 : 1, reason, isBug: !isKnown };
}

/** Whether the next attempt may find the world in a better state. */
function mayPass(error: unknown): boolean {
  if (error instanceof S3AccessError) {
    return error.retryable;
  }
  return [StoppedError, TemporaryError, ArtefactChangedError, ArtefactExistsError].some(
    (kind) => error instanceof kind,
  );
}
