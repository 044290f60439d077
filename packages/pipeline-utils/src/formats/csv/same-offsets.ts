import { type Arena } from "./arena.js";
import { hasValue, type Validity } from "./validity.js";

/** Offsets of texts of one length, where none is null the same array for all batches: four bytes for a letter count. */
export class SameOffsets {
  readonly #longest = new Map<number, Int32Array>();

  of(each: number, rows: number, { nullBitmap }: Validity, lasting: Arena): Int32Array {
    if (each > 0 && nullBitmap !== undefined)
      return offsetsBetweenNulls(each, nullBitmap, lasting.array(Int32Array, rows + 1));
    let offsets = this.#longest.get(each);
    if (offsets === undefined || offsets.length <= rows) {
      offsets = new Int32Array(rows + 1);
      for (let row = 1; row <= rows; row++) offsets[row] = row * each;
      this.#longest.set(each, offsets);
    }
    return offsets.subarray(0, rows + 1);
  }
}

function offsetsBetweenNulls(each: number, nullBitmap: Uint8Array, offsets: Int32Array): Int32Array {
  let offset = 0;
  offsets[0] = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    if (hasValue(nullBitmap, row)) offset += each;
    offsets[row + 1] = offset;
  }
  return offsets;
}
