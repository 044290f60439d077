/**
 * Errors that a program ends with on purpose. Each ends it with one line and no stack.
 *
 * ```
 * StageError                   exit code 2: another attempt ends the same way
 * ├── InvalidArgumentsError    the command line or a variable
 * └── BadDeliveryError         the dataset
 * TemporaryError               exit code 1: a retry may help
 * StoppedError                 exit code 1: a signal or the deadline ended the program
 * ```
 */
export class StageError extends Error {
  override readonly name: string = "StageError";
}

/** The program rejects its command line, or a variable of the environment. The message is the reason alone. */
export class InvalidArgumentsError extends StageError {
  override readonly name = "InvalidArgumentsError";
}

/** The dataset violates the agreed columns, rows or values. */
export class BadDeliveryError extends StageError {
  override readonly name = "BadDeliveryError";
}

/** A resource is unavailable now, but may become available. For example, storage is down or the port is taken. */
export class TemporaryError extends Error {
  override readonly name = "TemporaryError";
}

/** A signal of the operating system stopped the program, or its deadline passed. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";

  /** @param signalName - The signal; undefined for a deadline. */
  constructor(
    message: string,
    readonly signalName?: NodeJS.Signals,
  ) {
    super(message);
  }
}
