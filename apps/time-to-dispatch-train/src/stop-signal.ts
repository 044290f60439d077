import { StoppedError } from "./errors.js";

/**
 * A signal that aborts, with a StoppedError, when the process is told to end or has taken too long. A second SIGTERM or
 * SIGINT ends the process at once.
 *
 * @param maxSeconds - Default: no limit.
 */
export function stopSignal(maxSeconds?: number): AbortSignal {
  const controller = new AbortController();
  const stop = (reason: string) => {
    controller.abort(new StoppedError(reason));
  };
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.once(name, () => {
      stop(`stopped by ${name}`);
    });
  if (maxSeconds !== undefined) {
    const timeUp = () => {
      stop(`the stage took longer than --max-seconds ${maxSeconds}`);
    };
    setTimeout(timeUp, maxSeconds * 1000).unref();
  }
  return controller.signal;
}
