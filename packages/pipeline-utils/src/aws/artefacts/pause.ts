import { setTimeout as sleep } from "node:timers/promises";

/** Wait, at most until the signal, whose own reason ends the wait: Node's timer would end in an AbortError. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
