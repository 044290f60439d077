import { MersenneTwister } from "./mersenne-twister.js";

/** Options of a stratified split. */
export interface TrainTestSplitOptions {
  /**
   * The class of every row. Both parts get a proportional number of rows of each class. Classes are in sorted order.
   */
  readonly stratify: ArrayLike<string> | ArrayLike<number>;
  /** Share of the rows in the test set, between 0 and 1, rounded up; or a number of rows. Default 0.25. */
  readonly testSize?: number;
  /** Seed, an integer from 0 to 2^32 - 1. */
  readonly randomState: number;
}

/**
 * A stratified split of rows into a training and a test set: index for index that of scikit-learn's
 * `train_test_split(..., test_size, stratify, random_state)`.
 *
 * @returns Row positions, shuffled as scikit-learn shuffles them.
 * @throws {RangeError} A class of one row, a part smaller than the number of classes, a bad `testSize` or seed.
 *
 * @example
 * ```ts
 * import { trainTestSplit } from "@ml-pipelines/decision-tree";
 *
 * const product = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1);
 * const { train, test } = trainTestSplit({ stratify: product, testSize: 0.25, randomState: 42 });
 * console.log(train.length, Array.from(test, (row) => product[row]).sort());
 * ```
 *
 * prints
 *
 * ```
 * 6 [ 0, 1 ]
 * ```
 */
export function trainTestSplit({ stratify, testSize = 0.25, randomState }: TrainTestSplitOptions): {
  train: Int32Array;
  test: Int32Array;
} {
  const rowsByClass = groupRows(stratify);
  const rows = stratify.length;
  const testRows = countTestRows(testSize, rows);
  checkSizes(rowsByClass, rows - testRows, testRows);
  const random = new MersenneTwister(randomState);
  const sizes = rowsByClass.map((group) => group.length);
  const trainSizes = allot(sizes, rows - testRows, random);
  const left = sizes.map((size, group) => size - trainSizes[group]!);
  const testSizes = allot(left, testRows, random);
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

function countTestRows(testSize: number, rows: number): number {
  const isPart = testSize > 0 && testSize < 1;
  if (!isPart && !(Number.isInteger(testSize) && testSize > 0 && testSize < rows)) {
    throw new RangeError(
      `testSize is ${testSize}, expected a part in (0, 1) or a number of rows from 1 to ${rows - 1}, of ${rows} rows`,
    );
  }
  return isPart ? Math.ceil(testSize * rows) : testSize;
}

function checkSizes(rowsByClass: readonly number[][], trainRows: number, testRows: number): void {
  if (trainRows < 1) {
    throw new RangeError(`With ${testRows} rows in the test set, the training set would be empty`);
  }
  if (rowsByClass.some((group) => group.length < 2)) {
    throw new RangeError("The least populated class has only 1 member; every class needs at least 2");
  }
  const classes = rowsByClass.length;
  for (const [name, rows] of [["train", trainRows] as const, ["test", testRows] as const]) {
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
