import { createHash } from "node:crypto";

import { SerialisationError } from "../../errors.js";
import { isJsonArray, isJsonObject } from "./json-value.js";
import type { JsonArray, JsonObject, JsonValue } from "./json-value.js";

/** An array or object that is being written: its values, and the place of the next. */
type Open =
  | { readonly value: JsonArray; readonly keys: undefined; next: number }
  | { readonly value: JsonObject; readonly keys: readonly string[]; next: number };

/** Values that are nested more deeply are written by the loop: JSON.stringify is recursive. */
const MAX_DEPTH = 2_000;

/** Length of a piece of text. A text that grows by single values would be a chain of as many objects. */
const PIECE_CHARACTERS = 32_768;

/** Paths in messages are cut at this length. */
const SHOWN_CHARACTERS = 200;

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
  return isInOrder(root) ? JSON.stringify(root) : writeInOrder(root);
}

/**
 * Whether JSON.stringify writes the canonical form: the keys of all objects are in order, and nothing is unusual. It
 * takes a sixth of the time, and most values are: those that were read from a canonical file.
 */
function isInOrder(root: JsonValue): boolean {
  const todo: unknown[] = [root];
  const depths = [0];
  while (todo.length > 0) {
    const value = todo.pop();
    const depth = depths.pop() ?? 0;
    if (typeof value !== "object" || value === null) {
      if (!isScalar(value)) {
        return false;
      }
      continue;
    }
    const isArray = Array.isArray(value);
    // A cycle is deep, too.
    if (depth > MAX_DEPTH || "toJSON" in value || (!isArray && !isUsual(value))) {
      return false;
    }
    let last = "";
    for (const key of isArray ? value.keys() : Object.keys(value)) {
      if (typeof key === "string") {
        if (key < last) {
          return false;
        }
        last = key;
      }
      todo.push(Reflect.get(value, key));
      depths.push(depth + 1);
    }
  }
  return true;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isUsual(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function writeInOrder(root: JsonValue): string {
  const pieces: string[] = [];
  const open: Open[] = [];
  // The arrays and objects that contain the current value. One that occurs again inside itself is a cycle.
  const inside = new Set<object>();
  let text = write(root, open, inside);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const index = top.next;
    top.next += 1;
    if (index === (top.keys ?? top.value).length) {
      inside.delete(top.value);
      open.pop();
      text += top.keys === undefined ? "]" : "}";
      continue;
    }
    if (index > 0) {
      text += ",";
    }
    if (top.keys === undefined) {
      text += write(top.value[index], open, inside);
    } else {
      const key = top.keys[index] ?? "";
      text += `${JSON.stringify(key)}:${write(top.value[key], open, inside)}`;
    }
    if (text.length >= PIECE_CHARACTERS) {
      pieces.push(text);
      text = "";
    }
  }
  pieces.push(text);
  return pieces.join("");
}

/** The hash of a model: MD5, in hex, of its canonical JSON. */
export function hashModelJson(modelJson: string): string {
  return createHash("md5").update(modelJson).digest("hex");
}

/** The text of a scalar, or the beginning of an array or object, which is put on top of `open`. */
function write(value: JsonValue | undefined, open: Open[], inside: Set<object>): string {
  if (isJsonArray(value)) {
    enter(value, open, inside);
    open.push({ value, keys: undefined, next: 0 });
    return "[";
  }
  if (isJsonObject(value)) {
    checkPlain(value, open);
    enter(value, open, inside);
    open.push({ value, keys: Object.keys(value).sort(), next: 0 });
    return "{";
  }
  return scalar(value, open);
}

function enter(value: object, open: readonly Open[], inside: Set<object>): void {
  if (inside.has(value)) {
    const outer = open.findIndex((each) => each.value === value);
    throw rejection(open, `${pathOf(open.slice(0, outer))} again, a cycle`);
  }
  inside.add(value);
}

/**
 * A plain object has no prototype but Object.prototype, which may come from another realm such as a worker or sandbox.
 */
function checkPlain(value: object, open: readonly Open[]): void {
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
  throw rejection(open, name === "" ? "an object of a class" : `an object of class ${name}`);
}

function scalar(value: unknown, open: readonly Open[]): string {
  if (isScalar(value)) {
    return JSON.stringify(value);
  }
  throw rejection(open, typeof value === "number" ? String(value) : `a value of type ${typeof value}`);
}

function rejection(open: readonly Open[], what: string): SerialisationError {
  return new SerialisationError(`${pathOf(open)} is ${what}, which JSON cannot hold`);
}

/** The path of the current value, such as `$.a[1]`. */
function pathOf(open: readonly Open[]): string {
  let path = "$";
  for (const { keys, next } of open) {
    path += keys === undefined ? `[${next - 1}]` : `.${keys[next - 1] ?? ""}`;
    if (path.length > SHOWN_CHARACTERS) {
      break;
    }
  }
  return path.slice(0, SHOWN_CHARACTERS);
}
