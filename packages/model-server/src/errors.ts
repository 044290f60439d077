import { StageError } from "@ml-pipelines/pipeline-utils/stage";
import type { ValidationDetail } from "./validation/validation-detail.js";

/** A request that cannot be answered: its status, and one sentence for the client. */
export class HttpError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.statusCode = statusCode;
  }
}

/** A request that was understood and is wrong: answered with 422 and every fault found. */
export class RequestValidationError extends Error {
  readonly details: readonly ValidationDetail[];

  constructor(details: readonly ValidationDetail[]) {
    super(details.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; "));
    this.name = "RequestValidationError";
    this.details = details;
  }
}

/** There is no model to answer with yet: answered with 503. */
export class ModelNotLoadedError extends Error {
  constructor() {
    super("No model is loaded yet, try again later");
    this.name = "ModelNotLoadedError";
  }
}

/** A model that was read and verified as a file, and that this service will not serve. */
export class ModelRefusedError extends StageError {
  override readonly name: string = "ModelRefusedError";
}

/** A file named as this service's models are, with a model of another name in it. */
export class ForeignModelError extends ModelRefusedError {
  override readonly name = "ForeignModelError";
}
