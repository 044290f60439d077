import type { ValidationDetail } from "./validation-detail.js";

const WHITESPACE = /[ \t\n\r]*/y;
const SCALAR = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
// A run of plain characters and whole escapes: what a string may hold up to its first fault or its end.
// eslint-disable-next-line no-control-regex -- control characters are what JSON forbids in a string
const STRING_PART = /(?:[^"\\\u0000-\u001f]+|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*/y;

interface Fault {
  message: string;
  position: number;
}

/** What the text of a JSON document may continue with. */
type Expectation = "value" | "first-name" | "name" | "first-item" | "after-value";

/**
 * Say why a text is no JSON in the words of Python's `json.loads`, which the original service passes on.
 *
 * The walk is iterative, so that no depth of nesting can exhaust the stack.
 *
 * @param text - A text that `JSON.parse` refused.
 * @returns The fault as FastAPI reports it; positions count characters, not UTF-16 units, from 0; lines and columns from 1.
 * @see https://github.com/python/cpython/blob/3.11/Lib/json/decoder.py
 */
export function pythonJsonError(text: string): ValidationDetail {
  const { message, position } = findFault(text) ?? { message: "Expecting value", position: 0 };
  const before = text.slice(0, position);
  const pos = Array.from(before).length;
  const lineno = before.split("\n").length;
  const colno = Array.from(before.slice(before.lastIndexOf("\n") + 1)).length + 1;
  return {
    loc: ["body", pos],
    msg: `${message}: line ${lineno} column ${colno} (char ${pos})`,
    type: "value_error.jsondecode",
    ctx: { msg: message, doc: text, pos, lineno, colno },
  };
}

function findFault(text: string): Fault | undefined {
  const open: ("{" | "[")[] = [];
  let expected: Expectation = "value";
  let at = end(WHITESPACE, text, 0);
  for (;;) {
    const character = text[at];
    const closing = open.at(-1) === "{" ? "}" : "]";
    if (expected === "after-value") {
      if (open.length === 0) return at < text.length ? { message: "Extra data", position: at } : undefined;
      if (character === closing) open.pop();
      else if (character === ",") expected = closing === "}" ? "name" : "value";
      else return { message: "Expecting ',' delimiter", position: at };
      at += 1;
    } else if ((expected === "first-name" || expected === "first-item") && character === closing) {
      open.pop();
      expected = "after-value";
      at += 1;
    } else if (expected === "name" || expected === "first-name") {
      if (character !== '"') {
        return { message: "Expecting property name enclosed in double quotes", position: at };
      }
      const name = scanString(text, at);
      if (typeof name !== "number") return name;
      at = end(WHITESPACE, text, name);
      if (text[at] !== ":") return { message: "Expecting ':' delimiter", position: at };
      expected = "value";
      at += 1;
    } else if (character === "{" || character === "[") {
      open.push(character);
      expected = character === "{" ? "first-name" : "first-item";
      at += 1;
    } else {
      const value = character === '"' ? scanString(text, at) : end(SCALAR, text, at);
      if (typeof value !== "number") return value;
      if (value === at) return { message: "Expecting value", position: at };
      expected = "after-value";
      at = value;
    }
    at = end(WHITESPACE, text, at);
  }
}

/** The index after the string that begins at `start`, or its fault. */
function scanString(text: string, start: number): number | Fault {
  const at = end(STRING_PART, text, start + 1);
  const character = text[at];
  if (character === '"') return at + 1;
  if (character === undefined) return { message: "Unterminated string starting at", position: start };
  if (character !== "\\") return { message: "Invalid control character at", position: at };
  if (text[at + 1] === undefined) return { message: "Unterminated string starting at", position: start };
  if (text[at + 1] === "u") return { message: "Invalid \\uXXXX escape", position: at + 1 };
  return { message: "Invalid \\escape", position: at };
}

/** Where the match of a sticky pattern at an index ends; the index itself if there is none. */
function end(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}
