import { connect, createServer } from "node:net";

/** A sender may be so far ahead of its time: pauses are a few milliseconds long, and few. */
const AHEAD_MILLISECONDS = 5;

/**
 * A TCP proxy that lets each connection have so many bytes a second, in either direction. It looks at nothing and copies nothing, so that
 * it takes little of the CPU that is measured beside it.
 *
 * @param {string} endpoint - Address of the server behind it.
 * @param {number} bytesPerSecond
 */
export async function limitSpeed(endpoint, bytesPerSecond) {
  const { hostname, port } = new URL(endpoint);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    pass(near, far, bytesPerSecond / 1000);
    pass(far, near, bytesPerSecond / 1000);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("no port");
  }
  return { endpoint: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}

/** @param {import("node:net").Socket} from @param {import("node:net").Socket} to @param {number} bytesPerMillisecond */
function pass(from, to, bytesPerMillisecond) {
  let free = performance.now();
  from.on("data", (chunk) => {
    const now = performance.now();
    free = Math.max(free, now) + chunk.length / bytesPerMillisecond;
    const isFull = !to.write(chunk);
    const ahead = free - now;
    if (ahead < AHEAD_MILLISECONDS && !isFull) {
      return;
    }
    from.pause();
    const resumed = () => setTimeout(() => from.resume(), Math.max(0, free - performance.now()));
    if (isFull) {
      to.once("drain", resumed);
    } else {
      resumed();
    }
  });
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
}
