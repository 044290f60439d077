/** A result was asked for before `fit`. */
export class NotFittedError extends Error {
  override readonly name = "NotFittedError";

  /** @param estimator - Its class. */
  constructor(estimator: string) {
    super(`This ${estimator} instance is not fitted yet: call fit first`);
  }
}
