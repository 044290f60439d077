import { setTimeout as sleep } from "node:timers/promises";

/**
 * Wait until the time is over or the signal aborts. An abort throws the signal's reason rather than Node's AbortError.
 */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
