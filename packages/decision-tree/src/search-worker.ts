import { parentPort } from "node:worker_threads";
import { TaskRunner } from "./search-task.js";
import type { SearchAnswer, SearchData, SearchTask } from "./search-task.js";

// Program of one thread of a search. It receives the data once, in shared memory, and then one task at a time:
// see search-threads.ts.

/** A message to the thread: the data once, then each task. */
export type ToThread = { readonly data: SearchData } | { readonly task: SearchTask };

/** A reply of the thread: "ready" for the data, or the answer to a task. */
export type FromThread = { readonly kind: "ready" } | SearchAnswer;

let runner: TaskRunner | undefined;

function reply(message: FromThread): void {
  parentPort?.postMessage(message);
}

parentPort?.on("message", (message: ToThread) => {
  if ("data" in message) {
    runner = new TaskRunner(message.data);
    reply({ kind: "ready" });
  } else if (runner !== undefined) {
    reply(runner.run(message.task));
  }
});
