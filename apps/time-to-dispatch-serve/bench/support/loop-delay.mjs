// Loaded before a program: answers each message of the parent with the longest delay of the event loop since the last, in ms.
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 2;

const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
process.on("message", () => {
  const longest = Math.max(delays.max / 1e6 - RESOLUTION_MS, 0);
  delays.reset();
  process.send?.(longest);
});
// The channel alone does not keep the program alive.
process.channel?.unref();
