// The thread behind HashThread: hashes the blocks it is told of, answers each with null, and the end with the hashes.
import { parentPort } from "node:worker_threads";

import { BodyHasher } from "../../etag.js";
import type { HashThreadMessage } from "./hash-thread.js";

let memory = new SharedArrayBuffer(0);
let hasher: BodyHasher | undefined;

parentPort?.on("message", (message: HashThreadMessage) => {
  if (message === null) {
    parentPort?.postMessage(hasher?.digest());
  } else if ("wanted" in message) {
    memory = message.memory;
    hasher = new BodyHasher(message.wanted);
  } else {
    hasher?.update(new Uint8Array(memory, message.start, message.length));
    parentPort?.postMessage(null);
  }
});
