import {
  ArtefactChangedError,
  ArtefactExistsError,
  PipelineUtilsError,
  S3AccessError,
} from "@ml-pipelines/pipeline-utils";
import { InvalidArgumentsError, StageError, StoppedError } from "./errors.js";

/** How the program ends when something went wrong. */
export interface Failure {
  /** 1: a retry may help. 2: it will fail again. Kubernetes retries 1 only. */
  exitCode: 1 | 2;
  message: string;
  /** Whether the fault is ours, so that the stack is worth printing. */
  isBug: boolean;
}

/** What to say of an error and with which code to exit. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof InvalidArgumentsError) return { exitCode: 2, message: error.message, isBug: false };
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Error encountered when training model - ${reason}`;
  if (error instanceof StageError) return { exitCode: 2, message, isBug: false };
  if (error instanceof StoppedError) return { exitCode: 1, message, isBug: false };
  if (error instanceof PipelineUtilsError) return { exitCode: mayPass(error) ? 1 : 2, message, isBug: false };
  return { exitCode: 1, message, isBug: true };
}

/** Whether the next attempt may find storage in a better state. */
function mayPass(error: PipelineUtilsError): boolean {
  if (error instanceof S3AccessError) return error.retryable;
  return error instanceof ArtefactChangedError || error instanceof ArtefactExistsError;
}
