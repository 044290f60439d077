import { SerialisationError } from "../../errors.js";
import { isJsonArray, isJsonObject } from "./json-value.js";
import type { JsonObject, JsonValue } from "./json-value.js";

/** Something still to be written: text that is ready, a value and where it stands, or the end of an array or object. */
type Task =
  | string
  | { readonly value: JsonValue | undefined; readonly path: string }
  | { readonly closes: object; readonly text: "]" | "}" };

/**
 * Write JSON in its one canonical form: no spaces, the keys of each object in the order of their UTF-16 units, numbers as
 * ECMAScript prints them. Equal values give equal text, and so equal hashes. Without recursion: depth is no danger.
 *
 * Objects must be plain ones. Dates, maps, typed arrays and instances of classes are refused rather than written as `{}`, and
 * no `toJSON` is called: what is hashed is what was given.
 *
 * @throws {SerialisationError} NaN, an infinity, undefined, an object that is not plain, one that holds itself, or anything else
 *   JSON has no form for; the message gives the path, as `$.a[1]`.
 * @see RFC 8785, JSON Canonicalization Scheme
 */
export function canonicalJson(root: JsonValue): string {
  const text: string[] = [];
  // The arrays and objects that lead to the value at hand: one that comes again among them would never end.
  const open = new Map<object, string>();
  // The last is next.
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
    throw refusal(path, `${shorten(outer)} again, a cycle`);
  }
  open.set(value, path);
}

/** An object is plain if nothing but Object.prototype stands behind it: that of any realm, as a worker's or a sandbox's. */
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
  throw refusal(path, name === "" ? "an object of a class" : `an object of class ${name}`);
}

function scalar(value: unknown, path: string): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return JSON.stringify(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  throw refusal(path, typeof value === "number" ? String(value) : `a value of type ${typeof value}`);
}

function refusal(path: string, what: string): SerialisationError {
  return new SerialisationError(`${shorten(path)} is ${what}, which JSON cannot hold`);
}

function shorten(path: string): string {
  return path.slice(0, 200);
}
