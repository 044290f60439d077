/** Which rows of a batch hold a value, as Arrow's `makeData` takes it: no bitmap where all do. */
export interface Validity {
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array;
}

/** Marks the nulls of a batch; no memory is taken before the first. */
export class ValidityBuilder {
  readonly #rows: number;
  #bitmap: Uint8Array | undefined;
  #nullCount = 0;

  constructor(rows: number) {
    this.#rows = rows;
  }

  setNull(row: number): void {
    this.#bitmap ??= new Uint8Array((this.#rows + 7) >> 3).fill(0xff);
    this.#bitmap[row >> 3]! &= ~(1 << (row & 7));
    this.#nullCount++;
  }

  finish(): Validity {
    if (this.#bitmap === undefined) return { nullCount: 0 };
    return { nullCount: this.#nullCount, nullBitmap: this.#bitmap };
  }
}

/** The validity of a batch of nulls. */
export function allNull(rows: number): Validity {
  return { nullCount: rows, nullBitmap: new Uint8Array((rows + 7) >> 3) };
}
