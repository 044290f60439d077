import type { Transferable } from "node:worker_threads";
import { parentPort } from "node:worker_threads";

import { addressOf } from "../artefacts/location.js";
import { loadModel } from "./load-model.js";
import type { CompiledModel, ModelClass } from "./model-class.js";
import { parseModelFile } from "./model-file.js";
import type { ModelHeader } from "./model-file.js";
import { checkParts, checkServingLimits } from "./serving-limits.js";

/** The one message to the thread: the file of a model, and where it was read. */
export interface ToModelThread {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly bucket: string;
  readonly key: string;
}

/** Messages of the thread: "ready" once it has started, then the model, or why there is none. */
export type FromModelThread =
  | { readonly kind: "ready" }
  | { readonly kind: "loaded"; readonly header: ModelHeader; readonly compiled: CompiledModel }
  | { readonly kind: "other type"; readonly modelType: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "refused"; readonly message: string };

/**
 * Be the thread that loads models of one class for a service: call it once, in the module that the class names by
 * `thread`.
 *
 * @param modelClass - A class with `compile`.
 *
 * @example
 * ```ts
 * // tree-thread.ts
 * import { runModelThread } from "@ml-pipelines/pipeline-utils/aws";
 * import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart"; // or a class of your own
 *
 * runModelThread(dtRegression);
 * ```
 */
export function runModelThread<M>(modelClass: ModelClass<M>): void {
  const post = (message: FromModelThread, transfers: Transferable[] = []): void => {
    parentPort?.postMessage(message, transfers);
  };
  parentPort?.once("message", ({ bytes, bucket, key }: ToModelThread) => {
    load(modelClass, bytes, bucket, key).then(
      (answer) => {
        post(answer, buffersOf(answer));
      },
      (error: unknown) => {
        post({ kind: "refused", message: error instanceof Error ? error.message : String(error) });
      },
    );
  });
  post({ kind: "ready" });
}

async function load<M>(
  modelClass: ModelClass<M>,
  bytes: Uint8Array<ArrayBuffer>,
  bucket: string,
  key: string,
): Promise<FromModelThread> {
  const address = addressOf(bucket, key);
  checkParts(bytes, address);
  const file = parseModelFile(bytes, bucket, key);
  const { modelType } = file;
  if (modelClass.compile === undefined || modelType !== modelClass.modelType) {
    return { kind: "other type", modelType, bytes };
  }
  checkServingLimits(file, address);
  const compiled = modelClass.compile(await loadModel(file, modelClass, address));
  return { kind: "loaded", header: headerOf(file), compiled };
}

/** The fields of a file without its model. */
function headerOf(file: ModelHeader): ModelHeader {
  const { name, modelType, creationTime, modelHash, trainDataset } = file;
  const { pipelineGitCommitHash, features, target, metadata } = file;
  const origin = { trainDataset, pipelineGitCommitHash };
  return { name, modelType, creationTime, modelHash, ...origin, features, target, metadata };
}

/** The memory that is handed over in place of a copy. */
function buffersOf(message: FromModelThread): Transferable[] {
  const parts = message.kind === "loaded" ? Object.values(message.compiled) : [];
  const views = message.kind === "other type" ? [message.bytes] : parts.filter(isView);
  const buffers = views.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
  return [...new Set(buffers)];
}

function isView(part: CompiledModel[string]): part is ArrayBufferView {
  return ArrayBuffer.isView(part);
}
