import { inspect } from "node:util";

/** Control characters and the line separators of Unicode, which would break a message or its line in a log. */
const BREAKING = /[\p{Cc}\u2028\u2029]/gu;

/** Put a message on one line. Its control characters are escaped as in JSON, and all others stay as they are. */
export function onOneLine(message: string): string {
  return message.replaceAll(BREAKING, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character
      ? String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
      : escaped;
  });
}

/**
 * The error of an argument with the wrong type, for callers without types: `refDatetime is '2021', expected a Date`.
 */
export function argumentError(name: string, value: unknown, expected: string): TypeError {
  // In its compact form, an array is one line.
  const shown = inspect(value, { depth: 0, compact: true, breakLength: Infinity, maxStringLength: 100 });
  return new TypeError(onOneLine(`${name} is ${shown.slice(0, 200)}, expected ${expected}`));
}

/** How the value of an option is checked. An option of kind `other` has a check of its own, where it is used. */
export type OptionKind =
  "boolean" | "client" | "function" | "number" | "object" | "other" | "signal" | "text" | "texts";

/** The options of a type, and the kind of each. The compiler rejects a list that is incomplete. */
export type OptionKinds<T> = Readonly<Record<keyof T, OptionKind>>;

/** For each kind, which values it allows, and how messages describe them. */
const KINDS: Readonly<
  Record<OptionKind, readonly [isAllowed: (value: unknown) => boolean, expected: string]>
> = {
  boolean: [(value) => typeof value === "boolean", "true or false"],
  // By their methods, because a program may hold two copies of the SDK, or a signal of another realm.
  client: [
    (value) => has(value, "send", "function") && has(value, "middlewareStack", "object"),
    "an S3Client",
  ],
  function: [(value) => typeof value === "function", "a function"],
  number: [(value) => typeof value === "number", "a number"],
  object: [hasOwnNames, "a plain object"],
  other: [() => true, ""],
  signal: [
    (value) => has(value, "aborted", "boolean") && has(value, "throwIfAborted", "function"),
    "an AbortSignal",
  ],
  text: [(value) => typeof value === "string", "text"],
  texts: [
    (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
    "an array of texts",
  ],
};

/**
 * Check an argument with named options, for callers without types. Python users pass a folder as text, and `"no"` for
 * false. Neither must be ignored.
 *
 * @param kinds - The options that the function has. Each of them may be undefined.
 * @param what - Name of the argument, for messages.
 * @throws {TypeError} The argument is no object, has an option with another name, or one with a value of another kind.
 */
export function checkOptions(
  options: unknown,
  kinds: Readonly<Record<string, OptionKind>>,
  what = "options",
): void {
  const isOptions = what === "options";
  if (!hasOwnNames(options)) {
    throw argumentError(
      what,
      options,
      isOptions ? 'an object such as { folder: "datasets" }' : "a plain object",
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const found = `${isOptions ? "option " : `${what}: `}${JSON.stringify(name)} is unknown`;
      throw new TypeError(onOneLine(`${found}, expected ${Object.keys(kinds).join(", ")}`));
    }
    const [isAllowed, expected] = KINDS[kind];
    if (value !== undefined && !isAllowed(value)) {
      throw argumentError(isOptions ? name : `${what}.${name}`, value, expected);
    }
  }
}

/** Whether a value has options under its own names, or is `{}`. A Map, a Headers and a Date keep theirs elsewhere. */
export function hasOwnNames(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return false;
  }
  const prototype = Reflect.getPrototypeOf(value);
  // The prototype of a plain object, of any realm, has none itself.
  const isPlain = prototype === null || Reflect.getPrototypeOf(prototype) === null;
  return isPlain || Object.keys(value).length > 0;
}

function has(value: unknown, name: string, type: "boolean" | "function" | "object"): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, name) === type;
}
