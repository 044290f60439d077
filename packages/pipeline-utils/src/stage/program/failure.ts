import {
  ArtefactChangedError,
  ArtefactExistsError,
  PipelineUtilsError,
  S3AccessError,
} from "../../errors.js";
import { StageError, StoppedError, TemporaryError } from "./errors.js";

/** How a program ends after an error. */
export interface Failure {
  /** 1: a retry may help. 2: a retry fails again. Kubernetes retries only 1. */
  readonly exitCode: 1 | 2;
  /** One sentence, for the log. */
  readonly reason: string;
  /** Whether the error is a bug of the program, whose stack is printed. */
  readonly isBug: boolean;
}

/**
 * Map an error of a program to its exit code. `run-program.ts` decides for what is no error of `run`: help, a second signal, a crash.
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

/** Whether another attempt may succeed. */
function mayPass(error: unknown): boolean {
  if (error instanceof S3AccessError) {
    return error.retryable;
  }
  return [StoppedError, TemporaryError, ArtefactChangedError, ArtefactExistsError].some(
    (kind) => error instanceof kind,
  );
}
