/** A JSON array. */
export type JsonArray = readonly JsonValue[];

/** Any JSON value. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Whether a JSON value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** Whether a JSON value is an object, neither an array nor null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON value as short text for messages. */
export function showJson(value: JsonValue | undefined): string {
  if (value === undefined) {
    return "missing";
  }
  // JSON.parse reads `1e400` as an infinity, which JSON.stringify would show as null.
  if (typeof value === "number") {
    return String(value);
  }
  try {
    return JSON.stringify(value).slice(0, 100);
  } catch {
    // JSON.stringify is recursive, so very deep values overflow its stack.
    return isJsonArray(value) ? "a deep array" : "a deep object";
  }
}

/**
 * Parse JSON text.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): JsonValue {
  const value: unknown = JSON.parse(text);
  if (isParsed(value)) {
    return value;
  }
  throw new SyntaxError("no JSON");
}

/** JSON.parse only returns JSON values; this check is for the compiler. */
function isParsed(value: unknown): value is JsonValue {
  return value !== undefined;
}

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
