import type { SortedMap } from "../store/sorted-map.js";
import { compareUtf8 } from "../store/utf8-order.js";

export interface WalkQuery {
  readonly prefix: string;
  /** Keys with this after the prefix are rolled up to a common prefix; "" rolls up none. */
  readonly delimiter: string;
  /** Begin behind this key or common prefix; "" begins at the start. */
  readonly after: string;
  /** Begin with the key `after` itself. */
  readonly inclusive?: boolean;
}

export type WalkEntry<V> =
  | { readonly kind: "key"; readonly key: string; readonly value: V }
  | { readonly kind: "prefix"; readonly prefix: string };

/**
 * What a listing shows, in UTF-8 order, lazily. What a common prefix rolls up is skipped in one step, however much it is.
 *
 * @param isVisible - Whether a key is shown; a common prefix is if one of its keys is.
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
  // A page may end with a common prefix, and the next begins behind all of it.
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

/** The part of a key up to and with the first delimiter behind the prefix. */
function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === "" || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** Whether a key lies before the end of all the keys with that prefix, which lie together. */
function upToPrefix(prefix: string): (key: string) => boolean {
  return (key) => key.startsWith(prefix) || compareUtf8(key, prefix) < 0;
}
