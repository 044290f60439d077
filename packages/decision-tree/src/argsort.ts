/** Bits sorted by in one pass: few rows are not worth many buckets, many rows are not worth another pass. */
const FEW_BITS = 11;
const MANY_BITS = 16;
const MANY_ROWS = 1 << 16;

/** Moves per row beyond which an insertion sort takes longer than the passes that it saves. */
const MOST_MOVES = 2;

/** Where the low half of a double lies among its two 32-bit words on this machine. */
const LOW_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/**
 * The order that sorts 32-bit floats ascending: a stable radix sort, O(n).
 *
 * @param values - Finite values, without `-0`.
 * @returns `order[i]` is the position in `values` of the i-th smallest; equal values keep their order.
 */
export function argsortFloat32(values: Float32Array): Int32Array {
  const n = values.length;
  const bits = new Uint32Array(values.buffer, values.byteOffset, n);
  const keys = new Uint32Array(n);
  // Negative floats descend as integers do not: all their bits are turned; of positive ones, the sign.
  for (let i = 0; i < n; i++) keys[i] = bits[i]! ^ ((-(bits[i]! >>> 31) | 0x80000000) >>> 0);
  return radixSort([keys], identity(n));
}

/**
 * The order that sorts 64-bit floats ascending: a stable radix sort, O(n).
 *
 * @param values - Finite values, without `-0`.
 * @returns `order[i]` is the position in `values` of the i-th smallest; equal values keep their order.
 */
export function argsortFloat64(values: Float64Array): Int32Array {
  const n = values.length;
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * n);
  const low = new Uint32Array(n);
  const high = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const lowWord = words[2 * i + LOW_WORD]!;
    const highWord = words[2 * i + 1 - LOW_WORD]!;
    const negative = highWord >>> 31 === 1;
    low[i] = negative ? ~lowWord : lowWord;
    high[i] = negative ? ~highWord : highWord ^ 0x80000000;
  }
  // The high words alone settle nearly all labels that are met; few rows are then left to be put right.
  const byHigh = radixSort([high], identity(n));
  return insertionSort(values, byHigh) ? byHigh : radixSort([low, high], identity(n));
}

/** Sort what is nearly sorted, stably; false, half done, where that takes more than a few moves per row. */
function insertionSort(values: Float64Array, order: Int32Array): boolean {
  let moves = 0;
  for (let i = 1; i < order.length; i++) {
    const row = order[i]!;
    const value = values[row]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! > value; at--) order[at] = order[at - 1]!;
    order[at] = row;
    moves += i - at;
    if (moves > MOST_MOVES * order.length) return false;
  }
  return true;
}

function identity(n: number): Int32Array<ArrayBuffer> {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/** Sort `order` by unsigned words, the least significant word first; each digit's pass is stable. */
function radixSort(words: readonly Uint32Array[], order: Int32Array<ArrayBuffer>): Int32Array {
  let from = order;
  let to = new Int32Array(order.length);
  const bits = order.length < MANY_ROWS ? FEW_BITS : MANY_BITS;
  for (const keys of words) {
    for (let shift = 0; shift < 32; shift += bits) {
      if (sortByDigit(keys, shift, 1 << bits, from, to)) [from, to] = [to, from];
    }
  }
  return from;
}

/** One pass; false, with `to` untouched, where all keys have the same digit. */
function sortByDigit(
  keys: Uint32Array,
  shift: number,
  buckets: number,
  from: Int32Array,
  to: Int32Array,
): boolean {
  const n = keys.length;
  const mask = buckets - 1;
  const ends = new Int32Array(buckets);
  for (let i = 0; i < n; i++) ends[(keys[i]! >>> shift) & mask]!++;
  if (n === 0 || ends[(keys[0]! >>> shift) & mask] === n) return false;
  let start = 0;
  for (let digit = 0; digit < buckets; digit++) {
    const count = ends[digit]!;
    ends[digit] = start;
    start += count;
  }
  for (let i = 0; i < n; i++) {
    const row = from[i]!;
    to[ends[(keys[row]! >>> shift) & mask]!++] = row;
  }
  return true;
}
