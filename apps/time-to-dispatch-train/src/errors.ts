/** The stage cannot succeed with these arguments, this data or this model: another attempt would end the same way. */
export class StageError extends Error {
  override readonly name: string = "StageError";
}

/** The command line is not one the program takes. */
export class InvalidArgumentsError extends StageError {
  override readonly name = "InvalidArgumentsError";
}

/** The dataset is not what was agreed: columns, rows. */
export class BadDeliveryError extends StageError {
  override readonly name = "BadDeliveryError";
}

/** The stage was told to end, or took longer than it was given; the next attempt may come through. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}
