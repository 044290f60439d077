import type { KubeObject } from "../kube-object.js";
import { isJsonObject } from "../kube-object.js";
import { API_TYPES, modelModule } from "./api-types.js";

type ModelClass = new (data: KubeObject) => { validate(): void };

const models = new Map<string, ModelClass>();
for (const [apiVersion, kinds] of Object.entries(API_TYPES)) {
  for (const kind of kinds) {
    const loaded: unknown = await import(modelModule(apiVersion, kind));
    const model = isJsonObject(loaded) ? loaded[kind] : undefined;
    if (isModelClass(model)) {
      models.set(`${apiVersion} ${kind}`, model);
    }
  }
}

function isModelClass(value: unknown): value is ModelClass {
  return typeof value === "function" && isJsonObject(value.prototype) && "validate" in value.prototype;
}

/**
 * Check an object's values by the API's own schema: types, required fields, enumerations, the form of quantities.
 *
 * @returns Faults; empty if there are none.
 */
export function checkValues(object: KubeObject): string[] {
  const model = models.get(`${object.apiVersion} ${object.kind}`);
  if (model === undefined) {
    const served = Object.keys(API_TYPES).find((version) => API_TYPES[version]?.includes(object.kind));
    return [`${object.apiVersion} ${object.kind} is not served; expected ${served ?? "a kind of API_TYPES"}`];
  }
  try {
    new model(object).validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
