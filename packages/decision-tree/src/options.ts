import { inspect } from "node:util";

/** The error of an argument with the wrong type, for callers without types: `shuffle is 1, expected true or false`. */
export function argumentError(name: string, value: unknown, expected: string): TypeError {
  const shown = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 100 }).slice(0, 200);
  return new TypeError(`${name} is ${shown}, expected ${expected}`);
}

/** The names of all options of a type. The compiler rejects a list that is incomplete. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/**
 * Check an options argument, for callers without types. An option that is ignored would give a wrong result.
 *
 * @param names - The options that the function has.
 * @throws {TypeError} The argument is no object, or has an option with another name.
 */
export function checkOptions(options: unknown, names: Readonly<Record<string, true>>): void {
  const known = Object.keys(names).join(", ");
  if (
    typeof options !== "object" ||
    options === null ||
    ArrayBuffer.isView(options) ||
    Array.isArray(options)
  ) {
    throw argumentError("options", options, `an object with any of ${known}`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) {
      throw new TypeError(`option ${JSON.stringify(name)} is unknown, expected ${known}`);
    }
  }
}
