/** The longest list that is named by its items, and the longest text. */
const MAX_ITEMS = 8;
const MAX_LENGTH = 40;

/**
 * What a client sent, as an error message names it: short, whatever it is. Of what is nested only that it is: it may be nested more
 * deeply than the stack is, and have a `toString` that is none.
 */
export function inMessage(value: unknown): string {
  if (Array.isArray(value)) {
    const isShort = value.length <= MAX_ITEMS && value.every((item) => typeof item !== "object");
    return isShort ? `[${value.map(inMessage).join(",")}]` : `an array of ${value.length}`;
  }
  if (typeof value === "object" && value !== null) return "an object";
  const text = String(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
