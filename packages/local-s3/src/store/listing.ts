import type { SortedMap } from "./sorted-map.js";
import { compareUtf8 } from "./sorted-map.js";

export interface WalkQuery {
  readonly prefix: string;
  /** Keys that contain it after the prefix are rolled up into a common prefix; "" for none. */
  readonly delimiter: string;
  /** Start after this key or common prefix; "" for the first key. */
  readonly after: string;
  /** Start with the key `after` itself. */
  readonly inclusive?: boolean;
}

type WalkEntry<V> =
  | { readonly kind: "key"; readonly key: string; readonly value: V }
  | { readonly kind: "prefix"; readonly prefix: string };

/**
 * The entries of a listing in UTF-8 order, lazily.
 *
 * The cost is two binary searches to find the start, one step for each key, and two binary searches for each common
 * prefix, however many keys it rolls up. An invisible key (a delete marker) costs a step and gives no entry.
 *
 * @param isVisible - Whether a key is listed. A common prefix is listed if one of its keys is.
 */
export function* walk<V>(
  map: SortedMap<V>,
  { prefix, delimiter, after, inclusive = false }: WalkQuery,
  isVisible: (value: V) => boolean,
): Generator<WalkEntry<V>, void, undefined> {
  const rolledUp = commonPrefix(after, prefix, delimiter);
  let isBefore = (key: string): boolean => {
    const order = after === "" ? 1 : compareUtf8(key, after);
    return order < 0 || (order === 0 && !inclusive) || compareUtf8(key, prefix) < 0;
  };
  // If the page before ended with a common prefix, this page starts after all of its keys.
  if (rolledUp !== undefined && !inclusive) {
    isBefore = upToPrefix(rolledUp);
  }
  for (;;) {
    let skipped: string | undefined;
    for (const [key, value] of map.entriesFrom(isBefore)) {
      if (!key.startsWith(prefix)) {
        return;
      }
      if (!isVisible(value)) {
        continue;
      }
      skipped = commonPrefix(key, prefix, delimiter);
      if (skipped !== undefined) {
        break;
      }
      yield { kind: "key", key, value };
    }
    if (skipped === undefined) {
      return;
    }
    yield { kind: "prefix", prefix: skipped };
    isBefore = upToPrefix(skipped);
  }
}

/** The part of a key up to and including the first delimiter after the prefix. */
function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === "" || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** Whether a key is before the end of the keys with that prefix, which are adjacent. */
function upToPrefix(prefix: string): (key: string) => boolean {
  return (key) => key.startsWith(prefix) || compareUtf8(key, prefix) < 0;
}
