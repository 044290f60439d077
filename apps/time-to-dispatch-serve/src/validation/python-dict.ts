/**
 * What pydantic makes of an array where an object is expected: Python's `dict(array)`, which takes pairs.
 *
 * An object of two fields is a pair of its names, a text of two characters a pair of these, and an empty array no pair at all:
 * which is why the original reports missing fields for `[]`.
 *
 * @returns The pairs, or undefined if the array is not one of pairs.
 */
export function pythonDict(array: readonly unknown[]): ReadonlyMap<unknown, unknown> | undefined {
  const pairs = new Map<unknown, unknown>();
  for (const item of array) {
    const pair = iterate(item);
    if (pair?.length !== 2) return undefined;
    pairs.set(pair[0], pair[1]);
  }
  return pairs;
}

/** The items of what Python can iterate over. */
function iterate(item: unknown): readonly unknown[] | undefined {
  if (Array.isArray(item)) return Array.from<unknown>(item);
  if (typeof item === "string") return Array.from(item);
  return typeof item === "object" && item !== null ? Object.keys(item) : undefined;
}
