import { SerialisationError } from "../../errors.js";
import { isJsonArray, isJsonObject } from "./json-value.js";
import type { JsonObject, JsonValue } from "./json-value.js";

/** One item of work: finished text, a value with its path, or the end of an array or object. */
type Task =
  | string
  | { readonly value: JsonValue | undefined; readonly path: string }
  | { readonly closes: object; readonly text: "]" | "}" };

/**
 * Write JSON in its canonical form: no spaces, keys sorted by UTF-16 units, numbers as ECMAScript prints them.
 *
 * Equal values give equal text and so equal hashes. A loop instead of recursion, so that deep values cannot overflow
 * the stack.
 *
 * Objects must be plain. Dates, maps, typed arrays and class instances are rejected rather than written as `{}`. No
 * `toJSON` is called, so the text contains exactly the given value.
 *
 * @throws {SerialisationError} NaN, an infinity, undefined, an object that is not plain, a cycle, or any other value
 *   without a JSON form. The message gives the path, such as `$.a[1]`.
 * @see https://www.rfc-editor.org/rfc/rfc8785 (JSON Canonicalization Scheme)
 */
export function canonicalJson(root: JsonValue): string {
  const text: string[] = [];
  // The arrays and objects that contain the current value. One that occurs again inside itself is a cycle.
  const open = new Map<object, string>();
  // A stack: the last item is next.
  const todo: Task[] = [{ value: root, path: "$" }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next === "string") {
      text.push(next);
    } else if ("closes" in next) {
      open.delete(next.closes);
      text.push(next.text);
    } else if (isJsonArray(next.value)) {
      enter(next.value, next.path, open);
      text.push("[");
      todo.push({ closes: next.value, text: "]" });
      pushItems(next.value, next.path, todo);
    } else if (isJsonObject(next.value)) {
      checkPlain(next.value, next.path);
      enter(next.value, next.path, open);
      text.push("{");
      todo.push({ closes: next.value, text: "}" });
      pushFields(next.value, next.path, todo);
    } else {
      text.push(scalar(next.value, next.path));
    }
  }
  return text.join("");
}

function pushItems(array: readonly JsonValue[], path: string, todo: Task[]): void {
  for (let i = array.length - 1; i >= 0; i -= 1) {
    todo.push({ value: array[i], path: `${path}[${i}]` });
    if (i > 0) {
      todo.push(",");
    }
  }
}

function pushFields(object: JsonObject, path: string, todo: Task[]): void {
  const keys = Object.keys(object).sort();
  for (let i = keys.length - 1; i >= 0; i -= 1) {
    const key = keys[i] ?? "";
    todo.push({ value: object[key], path: `${path}.${key}` }, `${JSON.stringify(key)}:`);
    if (i > 0) {
      todo.push(",");
    }
  }
}

function enter(value: object, path: string, open: Map<object, string>): void {
  const outer = open.get(value);
  if (outer !== undefined) {
    throw rejection(path, `${shorten(outer)} again, a cycle`);
  }
  open.set(value, path);
}

/**
 * A plain object has no prototype but Object.prototype, which may come from another realm such as a worker or sandbox.
 */
function checkPlain(value: object, path: string): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) {
    return;
  }
  const isRoot = Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
  if (isRoot) {
    return;
  }
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name : "";
  throw rejection(path, name === "" ? "an object of a class" : `an object of class ${name}`);
}

function scalar(value: unknown, path: string): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return JSON.stringify(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  throw rejection(path, typeof value === "number" ? String(value) : `a value of type ${typeof value}`);
}

function rejection(path: string, what: string): SerialisationError {
  return new SerialisationError(`${shorten(path)} is ${what}, which JSON cannot hold`);
}

function shorten(path: string): string {
  return path.slice(0, 200);
}
