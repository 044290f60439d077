import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { runTasks } from "./search-task.js";
import type { DoneTask, SearchData, SearchTask } from "./search-task.js";
import type { FromThread, ToThread } from "./search-worker.js";
import type { FeatureColumn } from "./training-set.js";

// Measured memory of threads, in bytes. A thread takes a base amount. Its fold and its growths add an amount for each
// row and for each value of a row.
const BYTES_PER_THREAD = 40e6;
const BYTES_PER_ROW = 60;
const BYTES_PER_VALUE = 30;

/**
 * Run the tasks in worker threads, each of which runs one task at a time. The results equal those of `runTasks` to the
 * last bit. They come in the order in which they are ready.
 *
 * No thread is left when this function ends. An abort stops threads even in the middle of a growth. Threads may fail to
 * start, for lack of memory or because a permission model forbids them. The tasks then run in this thread, and Node
 * warns once.
 *
 * @throws The error of a thread, or the signal's reason.
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
    if (obstacle === undefined) {
      yield* shareOut(threads, tasks, aborted);
    } else {
      warnOnce(`A search of trees runs in one thread, since no other could be started: ${obstacle}`);
      yield* runTasks(data, tasks);
    }
  } finally {
    ended.abort();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/**
 * @param threads - Filled in, so that threads can be ended while others start.
 * @returns The reason why no thread runs; undefined if threads run.
 */
async function startThreads(threads: Worker[], data: SearchData, tasks: number): Promise<string | undefined> {
  const wanted = countThreads(data, tasks);
  if (wanted === 0) {
    return "there is too little free memory";
  }
  try {
    const shared = shareData(data);
    for (let i = 0; i < wanted; i++) {
      // Start threads without Node's options for this process. Some options, such as --input-type, keep threads from
      // starting.
      threads.push(new Worker(new URL("./search-worker.js", import.meta.url), { execArgv: [] }));
    }
    await Promise.all(threads.map((thread) => ask(thread, { data: shared })));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Number of threads of a search: at most one for each core and each task, and as many as half of the free memory holds.
 * A container often sees all cores of its machine, but may have little of its memory.
 */
export function countThreads({ features, labels }: SearchData, tasks: number): number {
  const bytes = BYTES_PER_THREAD + labels.length * (BYTES_PER_ROW + BYTES_PER_VALUE * features.length);
  return Math.min(availableParallelism(), tasks, Math.floor(process.availableMemory() / 2 / bytes));
}

const warnings = new Set<string>();

function warnOnce(message: string): void {
  if (!warnings.has(message)) {
    process.emitWarning(message, "SearchThreads");
  }
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
    if (task === undefined) {
      return;
    }
    const done = ask(thread, { task }).then((answer) => {
      if (answer.kind === "ready") {
        throw new Error("a thread of the search answered out of turn");
      }
      return { thread, task, answer };
    });
    running.set(thread, mayBeIgnored(done));
  };
  for (const thread of threads) {
    giveNext(thread);
  }
  while (running.size > 0) {
    const { thread, ...done } = await Promise.race([...running.values(), aborted]);
    running.delete(thread);
    giveNext(thread);
    yield done;
  }
}

/** Send a message, and wait for the reply. */
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

/** Rejects with the signal's reason once the signal aborts. If `ended` aborts first, it never settles. */
async function rejectOnAbort(signal: AbortSignal | undefined, ended: AbortSignal): Promise<never> {
  await new Promise((resolve) => {
    signal?.addEventListener("abort", resolve, { once: true, signal: ended });
  });
  signal?.throwIfAborted();
  throw new Error("aborted without an abort");
}

/** Mark a promise as handled. Threads that end with the search reject promises that nobody awaits. */
function mayBeIgnored<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Copy a search's data into shared memory, so that it exists once for all threads. */
function shareData(data: SearchData): SearchData {
  const { set, order } = data.all;
  return {
    ...data,
    features: data.features.map(shareFloats),
    labels: shareDoubles(data.labels),
    folds: data.folds.map(({ train, test }) => ({ train: shareIntegers(train), test: shareIntegers(test) })),
    all: {
      order: shareIntegers(order),
      set: {
        ...set,
        labels: shareDoubles(set.labels),
        features: set.features.map(shareFeature),
        weights: set.weights && shareDoubles(set.weights),
      },
    },
  };
}

function shareFeature(feature: FeatureColumn): FeatureColumn {
  const values = shareFloats(feature.values);
  return feature.kind === "coded"
    ? { kind: "coded", values, codes: share(feature.codes, (memory) => new Uint16Array(memory)) }
    : { kind: "sorted", values, order: shareIntegers(feature.order) };
}

function shareFloats(from: Float32Array): Float32Array {
  return share(from, (memory) => new Float32Array(memory));
}

function shareDoubles(from: Float64Array): Float64Array {
  return share(from, (memory) => new Float64Array(memory));
}

function shareIntegers(from: Int32Array): Int32Array {
  return share(from, (memory) => new Int32Array(memory));
}

function share<T extends Float32Array | Float64Array | Int32Array | Uint16Array>(
  from: T,
  view: (memory: SharedArrayBuffer) => T,
): T {
  const to = view(new SharedArrayBuffer(from.byteLength));
  to.set(from);
  return to;
}
