/** Row positions of one fold, ascending. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Folds of neighbouring rows, without shuffling, as scikit-learn's KFold: the first `n % nSplits` folds have one
 * row more than the others.
 */
export class KFold {
  readonly nSplits: number;

  /**
   * @param options - `nSplits`: number of folds, at least 2 (default 5).
   * @throws {RangeError} `nSplits` is not an integer of at least 2.
   */
  constructor({ nSplits = 5 }: { nSplits?: number } = {}) {
    if (!Number.isSafeInteger(nSplits) || nSplits < 2) {
      throw new RangeError(
        `nSplits is ${nSplits}, expected an integer of at least 2: k-fold needs a train/test split`,
      );
    }
    this.nSplits = nSplits;
  }

  /**
   * The folds of `n` rows, in order of their test rows.
   *
   * @throws {RangeError} Fewer rows than folds.
   */
  split(n: number): Fold[] {
    if (this.nSplits > n) {
      throw new RangeError(
        `Cannot have number of splits nSplits=${this.nSplits} greater than the number of samples: n=${n}`,
      );
    }
    const rows = Int32Array.from({ length: n }, (_, row) => row);
    let start = 0;
    return Array.from({ length: this.nSplits }, (_, fold) => {
      const end = start + Math.floor(n / this.nSplits) + (fold < n % this.nSplits ? 1 : 0);
      const held = rows.slice(start, end);
      const train = new Int32Array(n - held.length);
      train.set(rows.subarray(0, start));
      train.set(rows.subarray(end), start);
      start = end;
      return { train, test: held };
    });
  }
}
