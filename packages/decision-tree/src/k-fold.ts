import { rowNumbers } from "./argsort.js";
import { foldsOfTests } from "./folds.js";
import type { Fold } from "./folds.js";
import { MersenneTwister } from "./mersenne-twister.js";
import { argumentError, checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";

/** Options of folds that may be shuffled. */
export interface KFoldOptions {
  /** Number of folds, at least 2. Default 5. */
  readonly nSplits?: number;
  /** Whether to shuffle the rows before they are divided. Default false. */
  readonly shuffle?: boolean;
  /** Seed of the shuffling, an integer from 0 to 2^32 - 1. Needed with `shuffle`, rejected without. */
  readonly randomState?: number;
}

const OPTION_NAMES: OptionNames<KFoldOptions> = { nSplits: true, shuffle: true, randomState: true };

const DEFAULT_SPLITS = 5;

/**
 * Number of folds, and the seed if they are shuffled.
 *
 * @throws {TypeError} An unknown option, `shuffle` without a seed, or a seed without `shuffle`.
 * @throws {RangeError} `nSplits` is not an integer of at least 2, or the seed is not allowed.
 */
function readOptions(options: KFoldOptions): { nSplits: number; seed: number | undefined } {
  checkOptions(options, OPTION_NAMES);
  const { nSplits = DEFAULT_SPLITS, shuffle = false, randomState } = options;
  if (typeof shuffle !== "boolean") {
    throw argumentError("shuffle", shuffle, "true or false");
  }
  if (shuffle && randomState === undefined) {
    throw argumentError("randomState", randomState, "a seed, which shuffle needs");
  }
  if (!shuffle && randomState !== undefined) {
    throw new TypeError("randomState has no effect without shuffle");
  }
  return { nSplits: checkSplits(nSplits), seed: randomState };
}

/** @throws {RangeError} Not an integer of at least 2. */
export function checkSplits(nSplits: number, minimum = 2): number {
  if (!Number.isSafeInteger(nSplits) || nSplits < minimum) {
    throw new RangeError(
      `nSplits is ${nSplits}, expected an integer of at least ${minimum}: k-fold needs a train/test split`,
    );
  }
  return nSplits;
}

/**
 * Folds of neighbouring rows, or of shuffled rows, as scikit-learn's KFold: the first `rowCount % nSplits` folds have
 * one row more than the others.
 */
export class KFold {
  readonly nSplits: number;
  readonly #seed: number | undefined;

  /**
   * @param options - See KFoldOptions.
   * @throws {RangeError} `nSplits` is not an integer of at least 2, or the seed is not allowed.
   * @throws {TypeError} An unknown option, `shuffle` without a seed, or a seed without `shuffle`.
   */
  constructor(options: KFoldOptions = {}) {
    const { nSplits, seed } = readOptions(options);
    this.nSplits = nSplits;
    this.#seed = seed;
  }

  /**
   * The folds of `rowCount` rows, each ascending. Equal calls give equal folds.
   *
   * @throws {RangeError} Fewer rows than folds.
   */
  split(rowCount: number): Fold[] {
    if (this.nSplits > rowCount) {
      throw new RangeError(
        `Cannot have number of splits nSplits=${this.nSplits} greater than the number of samples: n=${rowCount}`,
      );
    }
    const rows =
      this.#seed === undefined ? rowNumbers(rowCount) : new MersenneTwister(this.#seed).permutation(rowCount);
    const foldOf = new Int32Array(rowCount);
    let start = 0;
    for (let fold = 0; fold < this.nSplits; fold++) {
      const end = start + Math.floor(rowCount / this.nSplits) + (fold < rowCount % this.nSplits ? 1 : 0);
      for (const row of rows.subarray(start, end)) {
        foldOf[row] = fold;
      }
      start = end;
    }
    return foldsOfTests(rowCount, foldOf, this.nSplits);
  }
}
