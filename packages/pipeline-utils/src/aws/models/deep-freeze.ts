import type { JsonObject } from "./json-value.js";

/**
 * Freeze an object and everything in it. A loop instead of recursion, so that deep values cannot overflow the stack.
 */
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
