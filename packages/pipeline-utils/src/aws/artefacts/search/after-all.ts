/**
 * The least string after all that begin with `start`, to list from there on: `name_` gives `` name` ``.
 *
 * S3's StartAfter leaves out the very key it names; no key looked for can be that one, since none ends in a mark with its
 * last character raised by one.
 */
export function afterAll(start: string): string {
  const points = Array.from(start);
  const last = points.pop()?.codePointAt(0);
  if (last === undefined) return "\u{10FFFF}";
  // Surrogates are no characters of their own, and the last character of all has no successor.
  if (last === 0x10ffff) return afterAll(points.join(""));
  return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}
