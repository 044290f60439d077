/** What JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Whether a JSON value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether a JSON value is an object, neither an array nor null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A short text of a JSON value, for messages. */
export function showJson(value: JsonValue | undefined): string {
  if (value === undefined) {
    return "missing";
  }
  // JSON.stringify would show an infinity, which `1e400` is read as, as null.
  if (typeof value === "number") {
    return String(value);
  }
  try {
    return JSON.stringify(value).slice(0, 100);
  } catch {
    // It goes through values by recursion, which some are too deep for.
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

/** JSON.parse makes nothing but JSON values; the check is for the compiler. */
function isParsed(value: unknown): value is JsonValue {
  return value !== undefined;
}
