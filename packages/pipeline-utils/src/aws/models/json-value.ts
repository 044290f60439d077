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

/**
 * Parse JSON text.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): JsonValue {
  const value: unknown = JSON.parse(text);
  if (isParsed(value)) return value;
  throw new SyntaxError("no JSON");
}

/** JSON.parse makes nothing but JSON values; the check is for the compiler. */
function isParsed(value: unknown): value is JsonValue {
  return value !== undefined;
}
