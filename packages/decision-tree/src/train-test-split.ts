import { rowNumbers } from "./argsort.js";
import { MersenneTwister } from "./mersenne-twister.js";
import { argumentError, checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";

const DEFAULT_TEST_SIZE = 0.25;

/** Options of a split. Either `stratify` or `rowCount` gives the number of rows. */
export interface TrainTestSplitOptions {
  /**
   * The class of every row. Both parts get a proportional number of rows of each class. Classes are in sorted order.
   */
  readonly stratify?: ArrayLike<string> | ArrayLike<number>;
  /** Number of rows, for a split that is not stratified. */
  readonly rowCount?: number;
  /**
   * Share of the rows in the test set, between 0 and 1, rounded up; or a number of rows. Default: all rows that are
   * not in the training set, or 0.25 without `trainSize`.
   */
  readonly testSize?: number;
  /** Share of the rows in the training set, rounded down; or a number of rows. Default: all rows of no test set. */
  readonly trainSize?: number;
  /** Default true. With false, the training rows come first, and the test rows follow. Not for `stratify`. */
  readonly shuffle?: boolean;
  /** Seed, an integer from 0 to 2^32 - 1. A split that shuffles needs one. */
  readonly randomState?: number;
}

const OPTION_NAMES: OptionNames<TrainTestSplitOptions> = {
  stratify: true,
  rowCount: true,
  testSize: true,
  trainSize: true,
  shuffle: true,
  randomState: true,
};

/** Row positions of the two parts of a split. */
export interface TrainTestSplit {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * A split of rows into a training and a test set: index for index that of scikit-learn's
 * `train_test_split(..., test_size, train_size, shuffle, stratify, random_state)`.
 *
 * @returns Row positions, shuffled as scikit-learn shuffles them.
 * @throws {RangeError} A class of one row, a part smaller than the number of classes, a bad size or seed.
 * @throws {TypeError} An unknown option, no number of rows, or no seed for a split that shuffles.
 *
 * @example
 * ```ts
 * import { trainTestSplit } from "@ml-pipelines/decision-tree";
 *
 * const product = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1);
 * const { train, test } = trainTestSplit({ stratify: product, testSize: 0.25, randomState: 42 });
 * console.log(train.length, Array.from(test, (row) => product[row]).sort());
 * console.log(trainTestSplit({ rowCount: 5, testSize: 2, randomState: 42 }).test);
 * ```
 *
 * prints
 *
 * ```
 * 6 [ 0, 1 ]
 * Int32Array(2) [ 1, 4 ]
 * ```
 */
export function trainTestSplit(options: TrainTestSplitOptions): TrainTestSplit {
  checkOptions(options, OPTION_NAMES);
  const { stratify, shuffle = true, randomState } = options;
  const rowCount = countRows(options);
  const sizes = countParts(options, rowCount);
  if (!shuffle) {
    if (stratify !== undefined || randomState !== undefined) {
      throw new TypeError(`shuffle is false, so that ${stratify ? "stratify" : "randomState"} has no effect`);
    }
    const rows = rowNumbers(sizes.train + sizes.test);
    return { train: rows.slice(0, sizes.train), test: rows.slice(sizes.train) };
  }
  if (randomState === undefined) {
    throw argumentError("randomState", randomState, "a seed, which a split that shuffles needs");
  }
  const random = new MersenneTwister(randomState);
  if (stratify !== undefined) {
    return splitClasses(groupRows(stratify), sizes, random);
  }
  const rows = random.permutation(rowCount);
  return { train: rows.slice(sizes.test, sizes.test + sizes.train), test: rows.slice(0, sizes.test) };
}

function countRows({ stratify, rowCount }: TrainTestSplitOptions): number {
  const rows = stratify?.length ?? rowCount;
  if (rows === undefined || !Number.isInteger(rows) || rows < 0) {
    throw argumentError("rowCount", rows, "the number of rows, which a split without stratify needs");
  }
  if (rowCount !== undefined && rowCount !== rows) {
    throw new RangeError(`stratify has ${rows} rows, expected rowCount, ${rowCount}`);
  }
  return rows;
}

/** Numbers of training and test rows, by the rules of scikit-learn's `_validate_shuffle_split`. */
function countParts(
  { testSize, trainSize }: TrainTestSplitOptions,
  rows: number,
): { train: number; test: number } {
  const held =
    testSize === undefined && trainSize !== undefined
      ? rows - countRowsOf("trainSize", trainSize, rows, Math.floor)
      : countRowsOf("testSize", testSize ?? DEFAULT_TEST_SIZE, rows, Math.ceil);
  const train = trainSize === undefined ? rows - held : countRowsOf("trainSize", trainSize, rows, Math.floor);
  if (train + held > rows) {
    throw new RangeError(
      `trainSize and testSize are ${train} and ${held} rows, more than the ${rows} there are`,
    );
  }
  if (train < 1) {
    throw new RangeError(`With ${held} rows in the test set, the training set would be empty`);
  }
  return { train, test: held };
}

function countRowsOf(name: string, size: number, rows: number, round: (share: number) => number): number {
  const isShare = size > 0 && size < 1;
  if (!isShare && !(Number.isInteger(size) && size > 0 && size < rows)) {
    throw new RangeError(
      `${name} is ${size}, expected a part in (0, 1) or a number of rows from 1 to ${rows - 1}, of ${rows} rows`,
    );
  }
  return isShare ? round(size * rows) : size;
}

function splitClasses(
  rowsByClass: readonly number[][],
  parts: { train: number; test: number },
  random: MersenneTwister,
): TrainTestSplit {
  checkClasses(rowsByClass, parts);
  const sizes = rowsByClass.map((group) => group.length);
  const trainSizes = allot(sizes, parts.train, random);
  const left = sizes.map((size, group) => size - trainSizes[group]!);
  const testSizes = allot(left, parts.test, random);
  const train: number[] = [];
  const held: number[] = [];
  rowsByClass.forEach((group, index) => {
    const trainSize = trainSizes[index]!;
    const shuffled = pick(group, random.permutation(group.length));
    for (const row of shuffled.subarray(0, trainSize)) {
      train.push(row);
    }
    for (const row of shuffled.subarray(trainSize, trainSize + testSizes[index]!)) {
      held.push(row);
    }
  });
  return {
    train: pick(train, random.permutation(train.length)),
    test: pick(held, random.permutation(held.length)),
  };
}

/** Rows of each class, the classes sorted. */
function groupRows(classes: ArrayLike<string> | ArrayLike<number>): number[][] {
  const groups = new Map<string | number, number[]>();
  for (let row = 0; row < classes.length; row++) {
    const name = classes[row]!;
    const group = groups.get(name);
    if (group === undefined) {
      groups.set(name, [row]);
    } else {
      group.push(row);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function checkClasses(rowsByClass: readonly number[][], parts: { train: number; test: number }): void {
  if (rowsByClass.some((group) => group.length < 2)) {
    throw new RangeError("The least populated class has only 1 member; every class needs at least 2");
  }
  const classes = rowsByClass.length;
  for (const [name, rows] of Object.entries(parts)) {
    if (rows >= classes) {
      continue;
    }
    throw new RangeError(
      `The ${name} set of ${rows} rows should have at least as many rows as classes, ${classes}`,
    );
  }
}

/**
 * The number of rows of each class among `draws` rows: its proportional share, rounded down. The remaining rows go to
 * the classes with the largest remainders. Chance decides between equal ones (scikit-learn's `_approximate_mode`).
 */
function allot(sizes: readonly number[], draws: number, random: MersenneTwister): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const shares = sizes.map((size) => (size / total) * draws);
  const allotted = shares.map(Math.floor);
  const remainders = shares.map((share, index) => share - allotted[index]!);
  let missing = draws - allotted.reduce((sum, size) => sum + size, 0);
  for (const remainder of [...new Set(remainders)].sort((a, b) => b - a)) {
    if (missing === 0) {
      break;
    }
    const equal = remainders.flatMap((value, index) => (value === remainder ? [index] : []));
    const lucky = pick(equal, random.permutation(equal.length)).subarray(0, missing);
    for (const index of lucky) {
      allotted[index]!++;
    }
    missing -= lucky.length;
  }
  return allotted;
}

function pick(items: ArrayLike<number>, positions: Int32Array): Int32Array {
  const picked = new Int32Array(positions.length);
  for (let i = 0; i < positions.length; i++) {
    picked[i] = items[positions[i]!]!;
  }
  return picked;
}
