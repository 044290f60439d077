/** A feature of few values: the rows hold positions among them. */
export interface CodedFeature {
  readonly kind: "coded";
  /** The distinct values, ascending. */
  readonly values: Float32Array;
  /** By row: the position of the row's value in `values`. */
  readonly codes: Uint16Array;
}

/** Features of more values than this are sorted instead: a node's tally would no longer fit the fastest cache. */
const MOST_VALUES = 1024;

const SLOT_BITS = 12;
/** 2^32 divided by the golden ratio: consecutive numbers spread over all slots. */
const MULTIPLIER = 0x9e3779b1;

/**
 * The feature as codes, by a hash table of its values: O(rows).
 *
 * @param feature - Finite values, without `-0`.
 * @returns Undefined for a feature of too many values, found out after reading only that many.
 */
export function codeValues(feature: Float32Array): CodedFeature | undefined {
  const slotOf = new Uint16Array(feature.length);
  const bits = new Uint32Array(feature.buffer, feature.byteOffset, feature.length);
  const table = new Uint32Array(1 << SLOT_BITS);
  const used = new Uint8Array(1 << SLOT_BITS);
  const found: { readonly slot: number; readonly value: number }[] = [];
  for (let row = 0; row < feature.length; row++) {
    const key = bits[row]!;
    let slot = Math.imul(key, MULTIPLIER) >>> (32 - SLOT_BITS);
    while (used[slot] === 1 && table[slot] !== key) slot = (slot + 1) % table.length;
    slotOf[row] = slot;
    if (used[slot] === 1) continue;
    if (found.length === MOST_VALUES) return undefined;
    used[slot] = 1;
    table[slot] = key;
    found.push({ slot, value: feature[row]! });
  }
  found.sort((a, b) => a.value - b.value);
  const codeOf = new Uint16Array(table.length);
  found.forEach(({ slot }, code) => (codeOf[slot] = code));
  for (let row = 0; row < slotOf.length; row++) slotOf[row] = codeOf[slotOf[row]!]!;
  return { kind: "coded", values: Float32Array.from(found, ({ value }) => value), codes: slotOf };
}
