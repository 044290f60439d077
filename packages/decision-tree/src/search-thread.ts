import { parentPort } from "node:worker_threads";
import { type SearchAnswer, type SearchData, type SearchTask, TaskRunner } from "./search-task.js";

// A thread of a search: first gets the data, in shared memory, then a task at a time. See run-in-threads.ts.

/** What a thread is sent. */
export type ToThread = { readonly data: SearchData } | { readonly task: SearchTask };

/** What a thread sends back: that it has the data, or the answer to a task. */
export type FromThread = { readonly kind: "ready" } | SearchAnswer;

let runner: TaskRunner | undefined;

function reply(message: FromThread): void {
  parentPort?.postMessage(message);
}

parentPort?.on("message", (message: ToThread) => {
  if ("data" in message) {
    runner = new TaskRunner(message.data);
    reply({ kind: "ready" });
  } else if (runner !== undefined) reply(runner.run(message.task));
});
