/** The stage cannot succeed with these arguments, this data or this model: another attempt would end the same way. */
export class StageError extends Error {
  override readonly name: string = "StageError";
}

/** The command line is not one the program takes. */
export class InvalidArgumentsError extends StageError {
  override readonly name = "InvalidArgumentsError";
}

/** The dataset is not what was agreed: columns, product codes, numbers. */
export class BadDeliveryError extends StageError {
  override readonly name = "BadDeliveryError";
}

/** The stage took longer than it was given; on a less busy machine it may not. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}
