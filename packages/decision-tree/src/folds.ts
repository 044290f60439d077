/** Row positions of one fold. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** A fold from the caller: row positions from 0, in any order. A position that stands twice counts as two rows. */
export interface FoldLike {
  readonly train: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

/** The group of each row. Rows of one group belong together, such as the orders of one customer. */
export type Groups = ArrayLike<string> | ArrayLike<number>;

/** Divides rows into folds. The training rows may be any rows; they need not be all rows that are not tested. */
export interface Splitter {
  /**
   * @param rowCount - Number of rows.
   * @param y - Their labels.
   * @param groups - Their groups, if the caller gave any.
   */
  split(rowCount: number, y: Float64Array, groups?: Groups): Iterable<FoldLike>;
}

/**
 * Folds whose training rows are all rows that are not tested.
 *
 * @param foldOf - The fold that tests each row.
 */
export function foldsOfTests(rowCount: number, foldOf: Int32Array, foldCount: number): Fold[] {
  return Array.from({ length: foldCount }, (_, fold) => {
    const train = new Int32Array(rowCount);
    const held = new Int32Array(rowCount);
    let trainSize = 0;
    let testSize = 0;
    for (let row = 0; row < rowCount; row++) {
      if (foldOf[row] === fold) {
        held[testSize++] = row;
      } else {
        train[trainSize++] = row;
      }
    }
    return { train: train.slice(0, trainSize), test: held.slice(0, testSize) };
  });
}
