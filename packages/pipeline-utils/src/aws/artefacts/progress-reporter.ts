import type { TransferProgress } from "./options.js";

/**
 * A caller's callback as a transfer calls it. A fault of the callback is none of the transfer: an object that is written must not look
 * unwritten. It is called no more then, and Node warns of it.
 */
export function progressReporter(
  onProgress: ((progress: TransferProgress) => void) | undefined,
): (progress: TransferProgress) => void {
  // An async function is one that returns nothing, to the compiler.
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
