import { inspect } from "node:util";

/**
 * The error of an argument with the wrong type, for callers without types: `refDatetime is '2021', expected a Date`.
 */
export function argumentError(name: string, value: unknown, expected: string): TypeError {
  const shown = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 100 }).slice(0, 200);
  return new TypeError(`${name} is ${shown}, expected ${expected}`);
}
