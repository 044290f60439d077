import { rowNumbers } from "./argsort.js";
import { foldsOfTests } from "./folds.js";
import type { Fold, Groups } from "./folds.js";
import { checkSeed, MersenneTwister } from "./mersenne-twister.js";
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
  return {
    nSplits: checkSplits(nSplits),
    seed: randomState === undefined ? undefined : checkSeed(randomState),
  };
}

/** @throws {RangeError} Not an integer of at least 2. */
export function checkSplits(nSplits: number): number {
  if (!Number.isSafeInteger(nSplits) || nSplits < 2) {
    throw new RangeError(
      `nSplits is ${nSplits}, expected an integer of at least 2: k-fold needs a train/test split`,
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

/**
 * Folds that each have the same share of every class, as scikit-learn's StratifiedKFold.
 *
 * As the `cv` of a search it divides by the labels, which must then be integers. For classes of another kind, such as
 * a product, give the search a list of folds: `cv: new StratifiedKFold().split(rowCount, products)`.
 */
export class StratifiedKFold {
  readonly nSplits: number;
  readonly #seed: number | undefined;

  /**
   * @param options - See KFoldOptions; `shuffle` shuffles the rows of each class.
   * @throws {RangeError} `nSplits` is not an integer of at least 2, or the seed is not allowed.
   * @throws {TypeError} An unknown option, `shuffle` without a seed, or a seed without `shuffle`.
   */
  constructor(options: KFoldOptions = {}) {
    const { nSplits, seed } = readOptions(options);
    this.nSplits = nSplits;
    this.#seed = seed;
  }

  /**
   * The folds of `rowCount` rows, each ascending. Node warns of a class with fewer rows than folds.
   *
   * @param classes - The class of each row: text, or integers.
   * @throws {RangeError} Every class has fewer rows than there are folds, or a class is a fraction.
   */
  split(rowCount: number, classes: Groups): Fold[] {
    const { numbers, counts } = numberClasses(classes, rowCount);
    const fewest = counts.reduce((least, count) => Math.min(least, count), Infinity);
    if (counts.every((count) => count < this.nSplits)) {
      throw new RangeError(
        `nSplits=${this.nSplits} cannot be greater than the number of members in each class`,
      );
    }
    if (fewest < this.nSplits) {
      process.emitWarning(
        `The least populated class has only ${fewest} members, which is less than nSplits=${this.nSplits}`,
        "StratifiedKFold",
      );
    }
    const random = this.#seed === undefined ? undefined : new MersenneTwister(this.#seed);
    let first = 0;
    const foldsByClass = counts.map((count) => {
      const folds = allotRoundRobin(first, count, this.nSplits);
      random?.shuffle(folds);
      first += count;
      return folds;
    });
    const taken = new Int32Array(counts.length);
    const foldOf = numbers.map((number) => foldsByClass[number]![taken[number]!++]!);
    return foldsOfTests(rowCount, foldOf, this.nSplits);
  }
}

/** The classes' numbers in order of appearance, by row, and the number of rows of each. */
function numberClasses(classes: Groups, rowCount: number): { numbers: Int32Array; counts: number[] } {
  if (classes.length !== rowCount) {
    throw new RangeError(`the classes have ${classes.length} rows, expected ${rowCount}`);
  }
  const numberOf = new Map<string | number, number>();
  const counts: number[] = [];
  const numbers = Int32Array.from({ length: rowCount }, (_, row) => {
    const name = classes[row]!;
    if (typeof name === "number" && !Number.isInteger(name)) {
      throw new RangeError(`StratifiedKFold needs classes, and row ${row} is ${name}`);
    }
    const number = numberOf.get(name) ?? numberOf.size;
    numberOf.set(name, number);
    counts[number] = (counts[number] ?? 0) + 1;
    return number;
  });
  return { numbers, counts };
}

/**
 * The folds of a class, ascending, if all rows in the order of classes go to the folds in turn.
 *
 * @param first - Number of rows of the classes before it.
 */
function allotRoundRobin(first: number, count: number, foldCount: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => (first + i) % foldCount).sort();
}
