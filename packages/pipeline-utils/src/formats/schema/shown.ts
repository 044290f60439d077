const MAX_LENGTH = 40;
const MAX_NAMES = 20;

/** A value as it reads in a message. */
export function shown(value: unknown): string {
  if (value === null) return "missing";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  const text = typeof value === "string" ? value : Object.prototype.toString.call(value);
  return JSON.stringify(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);
}

/** A type of Arrow as it reads in a message, as `Timestamp<MICROSECOND, UTC>`. */
export function shownType(type: unknown): string {
  return String(type);
}

/** The first of some names as they read in a message. */
export function shownNames(names: readonly string[]): string {
  const first = names.slice(0, MAX_NAMES).map(shown).join(", ");
  return names.length > MAX_NAMES ? `${first} and ${names.length - MAX_NAMES} more` : first;
}
