import type { TransferProgress } from "./options.js";

/**
 * A caller's callback as a transfer calls it. A fault of the callback is none of the transfer: an object that is written must not look
 * unwritten. It is called no more then, and Node warns of it.
 */
export function progressReporter(
  onProgress: ((progress: TransferProgress) => void) | undefined,
): (progress: TransferProgress) => void {
  let callback = onProgress;
  return (progress) => {
    try {
      callback?.(progress);
    } catch (error) {
      callback = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      process.emitWarning(`onProgress threw, and is not called again: ${reason}`, "S3Progress");
    }
  };
}
