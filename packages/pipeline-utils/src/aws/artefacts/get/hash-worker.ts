// The thread behind ThreadedHasher: takes what is wanted, then blocks of bytes, each of which it answers, then null.
import { parentPort } from "node:worker_threads";

import { BodyHasher } from "../../etag.js";
import type { WantedHashes } from "../../etag.js";

let hasher: BodyHasher | undefined;

parentPort?.on("message", (message: WantedHashes | Uint8Array | null) => {
  if (message === null) parentPort?.postMessage(hasher?.digest());
  else if (message instanceof Uint8Array) {
    hasher?.update(message);
    parentPort?.postMessage(null);
  } else hasher = new BodyHasher(message);
});
