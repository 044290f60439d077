import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { ModelIntegrityError } from "../../errors.js";
import { addressOf } from "../artefacts/location.js";
import { classOf, loadModel } from "./load-model.js";
import type { ModelClass } from "./model-class.js";
import { parseModelFile } from "./model-file.js";
import type { ModelHeader } from "./model-file.js";
import type { FromModelThread, ToModelThread } from "./model-thread.js";
import { checkParts, checkServingLimits } from "./serving-limits.js";

/** A smaller file is loaded in less time than a thread takes to start. */
const MIN_THREAD_BYTES = 131_072;
/** Largest file of a class without a thread, in bytes. No request is answered while a step of its loading takes time. */
const MAX_BYTES_WITHOUT_THREAD = 1_048_576;
/** Heap of the thread, in MB. It bounds the memory that a file can take. */
const THREAD_HEAP_MB = 96;
const THREAD_YOUNG_MB = 8;

/** A verified model, and the fields of its file. */
export interface LoadedModel<M> {
  readonly header: ModelHeader;
  readonly modelClass: ModelClass<M>;
  readonly model: M;
}

/**
 * Verify and load a model for a service, which answers requests meanwhile.
 *
 * Files from 128 KiB on are loaded in a thread, if their class has one. If no thread can be started, as when a
 * permission model forbids it, they are loaded here.
 *
 * @param bytes - The file. Its memory may be handed over to the thread.
 * @throws {ModelIntegrityError} As for other loads; also, the model exceeds a limit of services.
 * @throws The signal's reason.
 */
export async function loadForService<M>(
  bytes: Uint8Array<ArrayBuffer>,
  accepted: readonly ModelClass<M>[],
  bucket: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<LoadedModel<M>> {
  const address = addressOf(bucket, key);
  let file = bytes;
  let modelClass = bytes.length < MIN_THREAD_BYTES ? undefined : accepted.find(hasThread);
  const tried = new Set<ModelClass<M>>();
  while (modelClass !== undefined && !tried.has(modelClass)) {
    tried.add(modelClass);
    const answer = await runThread(modelClass.thread, { bytes: file, bucket, key }, signal);
    switch (answer.kind) {
      case "loaded":
        classOf(answer.header, [modelClass], address);
        return { header: answer.header, modelClass, model: modelClass.restore(answer.compiled) };
      case "refused":
        throw new ModelIntegrityError(answer.message);
      case "other type":
        file = answer.bytes;
        modelClass = [classOf(answer, accepted, address)].find(hasThread);
        break;
      case "not started":
        return loadHere(file, accepted, bucket, key);
    }
  }
  if (file.length > MAX_BYTES_WITHOUT_THREAD) {
    throw new ModelIntegrityError(
      `${address}: the file has ${file.length} bytes, expected at most ${MAX_BYTES_WITHOUT_THREAD} of a class without a thread`,
    );
  }
  return loadHere(file, accepted, bucket, key);
}

async function loadHere<M>(
  bytes: Uint8Array<ArrayBuffer>,
  accepted: readonly ModelClass<M>[],
  bucket: string,
  key: string,
): Promise<LoadedModel<M>> {
  const address = addressOf(bucket, key);
  checkParts(bytes, address);
  const file = parseModelFile(bytes, bucket, key);
  const modelClass = classOf(file, accepted, address);
  checkServingLimits(file, address);
  return { header: file, modelClass, model: await loadModel(file, modelClass, address) };
}

type ThreadedClass<M> = ModelClass<M> & Required<Pick<ModelClass<M>, "restore" | "thread">>;

function hasThread<M>(modelClass: ModelClass<M>): modelClass is ThreadedClass<M> {
  return modelClass.thread !== undefined && modelClass.restore !== undefined;
}

type Answer = Exclude<FromModelThread, { kind: "ready" }> | { readonly kind: "not started" };

/** Run one thread for one file. Its memory is free again when this function ends. */
async function runThread(
  module: URL,
  message: ToModelThread,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const thread = startThread(module);
  if (thread === undefined) {
    return { kind: "not started" };
  }
  let isReady = false;
  try {
    for (;;) {
      const answer = await nextMessage(thread, signal);
      if (answer.kind !== "ready") {
        return answer;
      }
      isReady = true;
      thread.postMessage(message, [message.bytes.buffer]);
    }
  } catch (error) {
    signal?.throwIfAborted();
    return isReady
      ? { kind: "refused", message: `${addressOf(message.bucket, message.key)}: ${reasonOf(error)}` }
      : { kind: "not started" };
  } finally {
    await thread.terminate();
  }
}

function startThread(module: URL): Worker | undefined {
  const resourceLimits = {
    maxOldGenerationSizeMb: THREAD_HEAP_MB,
    maxYoungGenerationSizeMb: THREAD_YOUNG_MB,
  };
  try {
    // Without Node's options for this process, some of which keep threads from starting.
    return new Worker(module, { execArgv: [], resourceLimits });
  } catch {
    return undefined;
  }
}

/** @throws The error of the thread, an abort's, or one that says that the thread ended without a message. */
async function nextMessage(thread: Worker, signal: AbortSignal | undefined): Promise<FromModelThread> {
  const message = new Promise<FromModelThread>((resolve) => thread.once("message", resolve));
  const ended = once(thread, "exit", signal === undefined ? {} : { signal }).then(() => {
    throw new Error("the thread of its class ended without an answer");
  });
  return Promise.race([message, ended]);
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return `loading the model takes more than ${THREAD_HEAP_MB} MB`;
  }
  return error instanceof Error ? error.message : String(error);
}
