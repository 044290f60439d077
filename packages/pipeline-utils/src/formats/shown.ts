const MAX_SHOWN_CHARACTERS = 40;
const MAX_SHOWN_NAMES = 20;

/** A value as messages show it. */
export function shown(value: unknown): string {
  if (value === null) {
    return "missing";
  }
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    return String(value);
  }
  const text = typeof value === "string" ? value : Object.prototype.toString.call(value);
  return JSON.stringify(
    text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text,
  );
}

/** A type of Arrow as messages show it, such as `Timestamp<MICROSECOND, UTC>`. */
export function shownType(type: unknown): string {
  return String(type);
}

/** The first of some names as messages show them, and how many more there are. */
export function shownNames(names: readonly string[]): string {
  const first = names.slice(0, MAX_SHOWN_NAMES).map(shown).join(", ");
  return names.length > MAX_SHOWN_NAMES ? `${first} and ${names.length - MAX_SHOWN_NAMES} more` : first;
}
