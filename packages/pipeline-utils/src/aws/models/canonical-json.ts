import { SerialisationError } from "../../errors.js";
import { isJsonArray, isJsonObject } from "./json-value.js";
import type { JsonValue } from "./json-value.js";

/**
 * Write JSON in its one canonical form: no spaces, the keys of each object in the order of their UTF-16 units, numbers as
 * ECMAScript prints them. Equal values give equal text, and so equal hashes. Without recursion: depth is no danger.
 *
 * @throws {SerialisationError} NaN, an infinity, undefined, or anything else JSON has no form for; the message gives the path.
 * @see RFC 8785, JSON Canonicalization Scheme
 */
export function canonicalJson(root: JsonValue): string {
  const text: string[] = [];
  // What is still to be written, last first: text that is ready, or a value and where it stands.
  const todo: (string | { readonly value: JsonValue | undefined; readonly path: string })[] = [
    { value: root, path: "$" },
  ];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next === "string") {
      text.push(next);
      continue;
    }
    const { value, path } = next;
    if (isJsonArray(value)) {
      text.push("[");
      todo.push("]");
      for (let i = value.length - 1; i >= 0; i -= 1) {
        todo.push({ value: value[i], path: `${path}[${i}]` });
        if (i > 0) todo.push(",");
      }
    } else if (isJsonObject(value)) {
      text.push("{");
      todo.push("}");
      const keys = Object.keys(value).sort();
      for (let i = keys.length - 1; i >= 0; i -= 1) {
        const key = keys[i] ?? "";
        todo.push({ value: value[key], path: `${path}.${key}` }, `${JSON.stringify(key)}:`);
        if (i > 0) todo.push(",");
      }
    } else {
      text.push(scalar(value, path));
    }
  }
  return text.join("");
}

function scalar(value: unknown, path: string): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  const what = typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
  throw new SerialisationError(`${path.slice(0, 200)} is ${what}, which JSON cannot hold`);
}
