const MIN_BITMAP_BYTES = 64;

/** Which rows of a batch hold a value, as Arrow's `makeData` takes it: without a bitmap if all do. */
export interface Validity {
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array;
}

/** Marks the nulls of a batch. It allocates nothing before the first null. */
export class ValidityBuilder {
  /** A bit for each row, 0 for null. */
  #bitmap = new Uint8Array(0);

  setNull(row: number): void {
    if (row >> 3 >= this.#bitmap.length) {
      this.#grow(row);
    }
    this.#bitmap[row >> 3]! &= ~(1 << (row & 7));
  }

  /** The validity of the first rows. The builder is empty again. */
  take(rows: number): Validity {
    const bitmap = this.#bitmap;
    this.clear();
    const nullCount = countNulls(bitmap, rows);
    if (nullCount === 0) {
      return { nullCount };
    }
    const bytes = (rows + 7) >> 3;
    if (bitmap.length === bytes) {
      return { nullCount, nullBitmap: bitmap };
    }
    const nullBitmap = new Uint8Array(bytes).fill(0xff);
    nullBitmap.set(bitmap.subarray(0, bytes));
    return { nullCount, nullBitmap };
  }

  clear(): void {
    this.#bitmap = new Uint8Array(0);
  }

  #grow(row: number): void {
    const bytes = Math.max(MIN_BITMAP_BYTES, 2 * this.#bitmap.length, (row >> 3) + 1);
    const grown = new Uint8Array(bytes).fill(0xff);
    grown.set(this.#bitmap);
    this.#bitmap = grown;
  }
}

/** The validity of a batch of nulls. */
export function allNull(rows: number): Validity {
  return { nullCount: rows, nullBitmap: new Uint8Array((rows + 7) >> 3) };
}

/** Whether a row of a batch with nulls holds a value. */
export function hasValue(nullBitmap: Uint8Array, row: number): boolean {
  return ((nullBitmap[row >> 3]! >> (row & 7)) & 1) === 1;
}

function countNulls(bitmap: Uint8Array, rows: number): number {
  let count = 0;
  for (let row = 0; row < Math.min(rows, 8 * bitmap.length); row++) {
    count += 1 - ((bitmap[row >> 3]! >> (row & 7)) & 1);
  }
  return count;
}
