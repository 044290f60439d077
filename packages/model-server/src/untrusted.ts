/** Helpers for values that come from clients and files. */

/** The longest list that a message names by its items, and the longest text. */
const MAX_ITEMS = 8;
const MAX_LENGTH = 40;

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An object's own property; undefined if there is none, or no object. */
export function propertyOf(object: unknown, name: string): unknown {
  return isObject(object) && Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

/** An address without its query, which may hold secrets. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}

/**
 * A client's value in an error message: short, whatever it is.
 *
 * Nested values are named by their kind alone. They may be nested more deeply than the stack is, and bring a `toString` of their own.
 */
export function inMessage(value: unknown): string {
  if (Array.isArray(value)) {
    const isShort = value.length <= MAX_ITEMS && value.every((item) => typeof item !== "object");
    return isShort ? `[${value.map(inMessage).join(",")}]` : `an array of ${value.length}`;
  }
  if (isObject(value)) {
    return "an object";
  }
  const text = String(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** A name in words: `orders_placed` as `Orders Placed`, `time-to-dispatch` as `Time To Dispatch`. */
export function titleOf(name: string): string {
  return name
    .split(/[_-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
