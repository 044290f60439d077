import { rowNumbers } from "./argsort.js";
import { foldsOfTests } from "./folds.js";
import type { Fold, Groups } from "./folds.js";
import { checkSplits } from "./k-fold.js";
import { checkOptions } from "./options.js";

/** numpy sorts ranges of up to this many elements by insertion (SMALL_QUICKSORT, in npysort_common.h, is one less). */
const MAX_INSERTION_SIZE = 16;

/**
 * Folds that keep the rows of a group together, as scikit-learn's GroupKFold: the largest groups first, each to the
 * fold with the fewest rows.
 */
export class GroupKFold {
  readonly nSplits: number;

  /**
   * @param options - `nSplits`: number of folds, at least 2 (default 5).
   * @throws {RangeError} `nSplits` is not an integer of at least 2.
   * @throws {TypeError} An unknown option.
   */
  constructor(options: { readonly nSplits?: number } = {}) {
    checkOptions(options, { nSplits: true });
    this.nSplits = checkSplits(options.nSplits ?? 5);
  }

  /**
   * The folds of `rowCount` rows, each ascending.
   *
   * @param _y - Not used.
   * @param groups - The group of each row. A search passes those of its `fit`.
   * @throws {TypeError} No groups.
   * @throws {RangeError} Fewer groups than folds.
   */
  split(rowCount: number, _y?: unknown, groups?: Groups): Fold[] {
    if (groups === undefined) {
      throw new TypeError("groups is undefined, expected the group of each row, which GroupKFold needs");
    }
    if (groups.length !== rowCount) {
      throw new RangeError(`groups has ${groups.length} rows, expected ${rowCount}`);
    }
    const rows: (string | number)[] = Array.from<string | number>(groups);
    const names = [...new Set(rows)].sort((a, b) => (a < b ? -1 : 1));
    if (names.length < this.nSplits) {
      throw new RangeError(
        `Cannot have number of splits nSplits=${this.nSplits} greater than the number of groups: ${names.length}`,
      );
    }
    const numberOf = new Map(names.map((name, number) => [name, number]));
    const numbers = Int32Array.from(rows, (name) => numberOf.get(name)!);
    const foldOfGroup = this.#shareOut(numbers, names.length);
    return foldsOfTests(
      rowCount,
      numbers.map((number) => foldOfGroup[number]!),
      this.nSplits,
    );
  }

  #shareOut(numbers: Int32Array, groupCount: number): Int32Array {
    const sizes = new Int32Array(groupCount);
    for (const number of numbers) {
      sizes[number]!++;
    }
    const foldOf = new Int32Array(groupCount);
    const foldSizes = new Float64Array(this.nSplits);
    for (const group of argsortLikeNumpy(sizes).reverse()) {
      const lightest = foldSizes.indexOf(Math.min(...foldSizes));
      foldSizes[lightest]! += sizes[group]!;
      foldOf[group] = lightest;
    }
    return foldOf;
  }
}

/**
 * The order that `numpy.argsort` gives: a quicksort with the median of three, which leaves equal values in an order
 * of its own. Groups of equal sizes therefore go to the same folds as in scikit-learn.
 *
 * @see numpy 1.24, numpy/core/src/npysort/quicksort.cpp, `aquicksort_`. Its heap sort, for ranges that keep dividing
 * badly, is left out.
 */
function argsortLikeNumpy(values: Int32Array): Int32Array {
  const order = rowNumbers(values.length);
  const valueAt = (at: number) => values[order[at]!]!;
  const swap = (a: number, b: number) => {
    const row = order[a]!;
    order[a] = order[b]!;
    order[b] = row;
  };
  const pending: [number, number][] = [[0, order.length - 1]];
  for (let range = pending.pop(); range !== undefined; range = pending.pop()) {
    let [low, high] = range;
    while (high - low >= MAX_INSERTION_SIZE) {
      const middle = low + ((high - low) >> 1);
      if (valueAt(middle) < valueAt(low)) {
        swap(middle, low);
      }
      if (valueAt(high) < valueAt(middle)) {
        swap(high, middle);
      }
      if (valueAt(middle) < valueAt(low)) {
        swap(middle, low);
      }
      const pivot = valueAt(middle);
      let i = low;
      let j = high - 1;
      swap(middle, j);
      for (;;) {
        do {
          i++;
        } while (valueAt(i) < pivot);
        do {
          j--;
        } while (pivot < valueAt(j));
        if (i >= j) {
          break;
        }
        swap(i, j);
      }
      swap(i, high - 1);
      if (i - low < high - i) {
        pending.push([i + 1, high]);
        high = i - 1;
      } else {
        pending.push([low, i - 1]);
        low = i + 1;
      }
    }
    for (let i = low + 1; i <= high; i++) {
      for (let j = i; j > low && valueAt(j) < valueAt(j - 1); j--) {
        swap(j, j - 1);
      }
    }
  }
  return order;
}
