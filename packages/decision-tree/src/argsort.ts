/** Bits of a radix sort's digit. Few rows do not justify many buckets, and many rows do not justify another pass. */
const DIGIT_BITS = 11;
const WIDE_DIGIT_BITS = 16;
const MIN_ROWS_FOR_WIDE_DIGITS = 1 << 16;

/** Moves per row above which an insertion sort takes longer than the radix passes that it replaces. */
const MAX_MOVES_PER_ROW = 2;

/** Position of the low half of a double among its two 32-bit words on this machine. */
const LOW_WORD_INDEX = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

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
  // As integers, negative floats are in descending order. Flip all their bits, and only the sign bit of the others.
  for (let i = 0; i < n; i++) {
    keys[i] = bits[i]! ^ ((-(bits[i]! >>> 31) | 0x80000000) >>> 0);
  }
  return radixSort([keys], rowNumbers(n));
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
    const lowWord = words[2 * i + LOW_WORD_INDEX]!;
    const highWord = words[2 * i + 1 - LOW_WORD_INDEX]!;
    const negative = highWord >>> 31 === 1;
    low[i] = negative ? ~lowWord : lowWord;
    high[i] = negative ? ~highWord : highWord ^ 0x80000000;
  }
  // The high words alone order nearly all labels of real data. An insertion sort moves the few other rows.
  const byHigh = radixSort([high], rowNumbers(n));
  return insertionSort(values, byHigh) ? byHigh : radixSort([low, high], rowNumbers(n));
}

/** Sort a nearly sorted order, stably. Returns false, with the sort unfinished, if it takes too many moves. */
function insertionSort(values: Float64Array, order: Int32Array): boolean {
  let moves = 0;
  for (let i = 1; i < order.length; i++) {
    const row = order[i]!;
    const value = values[row]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! > value; at--) {
      order[at] = order[at - 1]!;
    }
    order[at] = row;
    moves += i - at;
    if (moves > MAX_MOVES_PER_ROW * order.length) {
      return false;
    }
  }
  return true;
}

/** Sort `order` by unsigned words, the least significant word first; each digit's pass is stable. */
function radixSort(words: readonly Uint32Array[], order: Int32Array<ArrayBuffer>): Int32Array {
  let from = order;
  let to = new Int32Array(order.length);
  const bits = order.length < MIN_ROWS_FOR_WIDE_DIGITS ? DIGIT_BITS : WIDE_DIGIT_BITS;
  for (const keys of words) {
    for (let shift = 0; shift < 32; shift += bits) {
      if (sortByDigit(keys, shift, 1 << bits, from, to)) {
        [from, to] = [to, from];
      }
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
  for (let i = 0; i < n; i++) {
    ends[(keys[i]! >>> shift) & mask]!++;
  }
  if (n === 0 || ends[(keys[0]! >>> shift) & mask] === n) {
    return false;
  }
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

/** The numbers 0 to n - 1, ascending. */
export function rowNumbers(n: number): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    rows[i] = i;
  }
  return rows;
}
