import type { TransferProgress } from "./options.js";

/**
 * Wrap a caller's progress callback, so that its errors cannot make a successful transfer fail.
 *
 * After an error, Node prints a warning and the callback is not called again.
 */
export function progressReporter(
  onProgress: ((progress: TransferProgress) => void) | undefined,
): (progress: TransferProgress) => void {
  // The declared type returns void, but the compiler also accepts an async function, which can reject.
  let callback: ((progress: TransferProgress) => unknown) | undefined = onProgress;
  const stop = (error: unknown): void => {
    if (callback === undefined) {
      return;
    }
    callback = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`onProgress threw, and is not called again: ${reason}`, "S3Progress");
  };
  return (progress) => {
    try {
      const answer = callback?.(progress);
      if (answer instanceof Promise) {
        answer.catch(stop);
      }
    } catch (error) {
      stop(error);
    }
  };
}
