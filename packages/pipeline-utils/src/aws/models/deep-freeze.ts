import type { JsonObject } from "./json-value.js";

/** Freeze an object and all that it holds. Without recursion: depth is no danger. */
export function deepFreeze(root: JsonObject): JsonObject {
  const todo: unknown[] = [root];
  while (todo.length > 0) {
    const value = todo.pop();
    if (typeof value !== "object" || value === null) {
      continue;
    }
    Object.freeze(value);
    for (const item of Object.values(value)) {
      todo.push(item);
    }
  }
  return root;
}
