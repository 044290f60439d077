import { Worker } from "node:worker_threads";
import { countThreads } from "./count-threads.js";
import type { FromThread, ToThread } from "./search-thread.js";
import { type DoneTask, runTasks, type SearchData, type SearchTask } from "./search-task.js";
import { shareData } from "./share-data.js";

/**
 * Do the tasks in worker threads, each one at a time. Answers are those of `runTasks`, to the last bit, and come in the
 * order in which they are ready.
 *
 * No thread is left when this ends, in whatever way: an abort ends them in the middle of a growth. Where none can be
 * started, as for want of memory or under a permission model that forbids it, the tasks are done in this thread, and Node
 * warns of that once.
 *
 * @throws What a thread threw, or the signal's reason.
 */
export async function* runInThreads(
  data: SearchData,
  tasks: readonly SearchTask[],
  signal: AbortSignal | undefined,
): AsyncGenerator<DoneTask> {
  signal?.throwIfAborted();
  const threads: Worker[] = [];
  const ended = new AbortController();
  const aborted = mayBeIgnored(rejectOnAbort(signal, ended.signal));
  try {
    const obstacle = await Promise.race([startThreads(threads, data, tasks.length), aborted]);
    if (obstacle === undefined) yield* shareOut(threads, tasks, aborted);
    else {
      warnOnce(`A search of trees runs in one thread, since no other could be started: ${obstacle}`);
      yield* runTasks(data, tasks);
    }
  } finally {
    ended.abort();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/**
 * @param threads - Gets the threads, so that they can be ended while they start.
 * @returns Why there are none; undefined if there are.
 */
async function startThreads(threads: Worker[], data: SearchData, tasks: number): Promise<string | undefined> {
  const wanted = countThreads(data, tasks);
  if (wanted === 0) return "there is too little free memory";
  try {
    const shared = shareData(data);
    for (let i = 0; i < wanted; i++) {
      // Without Node's options for this process: of some, as --input-type, no thread can be started.
      threads.push(new Worker(new URL("./search-thread.js", import.meta.url), { execArgv: [] }));
    }
    await Promise.all(threads.map((thread) => ask(thread, { data: shared })));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const warnings = new Set<string>();

function warnOnce(message: string): void {
  if (!warnings.has(message)) process.emitWarning(message, "SearchThreads");
  warnings.add(message);
}

async function* shareOut(
  threads: readonly Worker[],
  tasks: readonly SearchTask[],
  aborted: Promise<never>,
): AsyncGenerator<DoneTask> {
  const waiting = tasks.values();
  const running = new Map<Worker, Promise<DoneTask & { readonly thread: Worker }>>();
  const giveNext = (thread: Worker) => {
    const { value: task } = waiting.next();
    if (task === undefined) return;
    const done = ask(thread, { task }).then((answer) => {
      if (answer.kind === "ready") throw new Error("a thread of the search answered out of turn");
      return { thread, task, answer };
    });
    running.set(thread, mayBeIgnored(done));
  };
  for (const thread of threads) giveNext(thread);
  while (running.size > 0) {
    const { thread, ...done } = await Promise.race([...running.values(), aborted]);
    running.delete(thread);
    giveNext(thread);
    yield done;
  }
}

/** Send a message, and wait for the answer to it. */
function ask(thread: Worker, message: ToThread): Promise<FromThread> {
  const answer = new Promise<FromThread>((resolve, reject) => {
    const onExit = () => {
      reject(new Error("a thread of the search ended before its task"));
    };
    const onMessage = (value: FromThread) => {
      thread.off("error", reject).off("exit", onExit);
      resolve(value);
    };
    thread.once("message", onMessage).once("error", reject).once("exit", onExit);
  });
  thread.postMessage(message);
  return mayBeIgnored(answer);
}

/** Rejects with the signal's reason once it is aborted; never, if that has not happened until `ended`. */
async function rejectOnAbort(signal: AbortSignal | undefined, ended: AbortSignal): Promise<never> {
  await new Promise((resolve) => {
    signal?.addEventListener("abort", resolve, { once: true, signal: ended });
  });
  signal?.throwIfAborted();
  throw new Error("aborted without an abort");
}

/** Let a promise be rejected with nobody waiting, as those of threads that are ended with the search. */
function mayBeIgnored<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
