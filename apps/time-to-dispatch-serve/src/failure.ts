import { PipelineUtilsError, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import { InvalidArgumentsError } from "./arguments.js";
import { ModelRefusedError } from "./model/model-refused-error.js";

/** How the program ends when something went wrong. */
export interface Failure {
  /** 1: a retry may help. 2: it will fail again. */
  exitCode: 1 | 2;
  message: string;
  /** Whether the fault is the program's own, so that the stack is worth printing. */
  isBug: boolean;
}

/** What the service could not get, but may get later: storage does not answer, the address to listen on is taken. */
export class TemporaryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TemporaryError";
  }
}

/** What to say of an error that ends the program, and with which code to exit. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof InvalidArgumentsError) return { exitCode: 2, message: error.message, isBug: false };
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Could not get latest model and start web server - ${reason}`;
  if (mayPass(error)) return { exitCode: 1, message, isBug: false };
  const isKnown = error instanceof PipelineUtilsError || error instanceof ModelRefusedError;
  return { exitCode: isKnown ? 2 : 1, message, isBug: !isKnown };
}

/** Whether the next attempt may find the world in a better state. */
function mayPass(error: unknown): boolean {
  if (error instanceof S3AccessError) return error.retryable;
  return error instanceof TemporaryError;
}
