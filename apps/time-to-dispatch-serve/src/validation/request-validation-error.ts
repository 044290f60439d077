import type { ValidationDetail } from "./validation-detail.js";

/** A request that was understood and is wrong: answered with 422 and every fault found. */
export class RequestValidationError extends Error {
  readonly details: readonly ValidationDetail[];

  constructor(details: readonly ValidationDetail[]) {
    super(details.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; "));
    this.name = "RequestValidationError";
    this.details = details;
  }
}
