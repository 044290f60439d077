import { rowNumbers } from "./argsort.js";
import type { Fold } from "./folds.js";
import { checkSplits } from "./k-fold.js";
import { checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";

/** Options of folds in time. All sizes are numbers of rows. */
export interface TimeSeriesSplitOptions {
  /** Number of folds, at least 2. Default 5. */
  readonly nSplits?: number;
  /** Most training rows of a fold: the last before its test rows. Default: all rows before them. */
  readonly maxTrainSize?: number;
  /** Test rows of a fold. Default: the rows divided by `nSplits + 1`, rounded down. */
  readonly testSize?: number;
  /** Rows left out between the training and the test rows. Default 0. */
  readonly gap?: number;
}

const OPTION_NAMES: OptionNames<TimeSeriesSplitOptions> = {
  nSplits: true,
  maxTrainSize: true,
  testSize: true,
  gap: true,
};

/** Folds of rows in the order of time, as scikit-learn's TimeSeriesSplit: each trains on rows before its test rows. */
export class TimeSeriesSplit {
  readonly nSplits: number;
  readonly #options: TimeSeriesSplitOptions;

  /**
   * @param options - See TimeSeriesSplitOptions.
   * @throws {RangeError} A number that is not an integer, or too small.
   * @throws {TypeError} An unknown option.
   */
  constructor(options: TimeSeriesSplitOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    this.nSplits = checkSplits(options.nSplits ?? 5);
    checkSize("maxTrainSize", options.maxTrainSize, 1);
    checkSize("testSize", options.testSize, 1);
    checkSize("gap", options.gap, 0);
    this.#options = { ...options };
  }

  /**
   * The folds of `rowCount` rows, each ascending.
   *
   * @throws {RangeError} Too few rows for the folds.
   */
  split(rowCount: number): Fold[] {
    const { nSplits } = this;
    const { gap = 0, testSize = Math.floor(rowCount / (nSplits + 1)), maxTrainSize } = this.#options;
    if (nSplits + 1 > rowCount) {
      throw new RangeError(
        `Cannot have number of folds=${nSplits + 1} greater than the number of samples=${rowCount}`,
      );
    }
    if (rowCount - gap - testSize * nSplits <= 0) {
      throw new RangeError(
        `Too many splits=${nSplits} for number of samples=${rowCount} with testSize=${testSize} and gap=${gap}`,
      );
    }
    const rows = rowNumbers(rowCount);
    return Array.from({ length: nSplits }, (_, fold) => {
      const start = rowCount - (nSplits - fold) * testSize;
      const end = start - gap;
      const first = maxTrainSize === undefined ? 0 : Math.max(0, end - maxTrainSize);
      return { train: rows.slice(first, end), test: rows.slice(start, start + testSize) };
    });
  }
}

function checkSize(name: string, size: number | undefined, minimum: number): void {
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= minimum)) {
    throw new RangeError(`${name} is ${size}, expected an integer of at least ${minimum}`);
  }
}
