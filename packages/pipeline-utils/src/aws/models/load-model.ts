import { setImmediate } from "node:timers/promises";

import { ModelIntegrityError } from "../../errors.js";
import { canonicalJson, hashModelJson } from "./canonical-json.js";
import { checkContentHash, checkSignature } from "./custody.js";
import type { VerificationCheck } from "./custody.js";
import type { ModelClass } from "./model-class.js";
import type { ModelFile } from "./model-file.js";
import { readPublicKeys } from "./signing-keys.js";

/**
 * Find the class of a file's model.
 *
 * @throws {ModelIntegrityError} None of the classes has its type.
 */
export function classOf<M>(
  { modelType }: Pick<ModelFile, "modelType">,
  accepted: readonly ModelClass<M>[],
  address: string,
): ModelClass<M> {
  const modelClass = accepted.find((each) => each.modelType === modelType);
  if (modelClass === undefined) {
    const expected = accepted.map((each) => JSON.stringify(each.modelType)).join(" or ");
    throw new ModelIntegrityError(`${address}: modelType is "${modelType}", expected ${expected}`);
  }
  return modelClass;
}

/**
 * Verify a file's hashes and signature, and load its model. It pauses between the steps, so that other work is done meanwhile.
 *
 * @throws {ModelIntegrityError} A hash or the signature is wrong, its class rejects it, or loading changes it.
 */
export async function loadModel<M>(file: ModelFile, modelClass: ModelClass<M>, address: string): Promise<M> {
  const { model: json, modelJson, modelHash, features } = file;
  const hash = hashModelJson(modelJson);
  if (hash !== modelHash) {
    throw new ModelIntegrityError(`${address}: modelHash is ${modelHash}, but the model's hash is ${hash}`);
  }
  rejectFailed(checkContentHash(file, address));
  rejectFailed(checkSignature(file, readPublicKeys(), address));
  await setImmediate();
  const model = await ofFile(address, () => modelClass.fromJSON(json, features));
  const loadedJson = await ofFile(address, () => modelClass.toJSON(model));
  const loadedHash = await ofFile(address, () => hashModelJson(canonicalJson(loadedJson)));
  if (loadedHash !== hash) {
    throw new ModelIntegrityError(`${address}: loading its model changed it: its hash is now ${loadedHash}`);
  }
  return model;
}

function rejectFailed({ name, status, detail }: VerificationCheck): void {
  if (status === "failed") {
    throw new ModelIntegrityError(`${detail} (${name})`);
  }
}

/** Take a step, and pause. Its errors name the file. */
async function ofFile<T>(address: string, step: () => T): Promise<T> {
  try {
    const result = step();
    await setImmediate();
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${address}: ${reason}`, { cause: error });
  }
}
