import type { Fold, FoldLike, Groups, Splitter } from "./folds.js";
import { KFold } from "./k-fold.js";
import { argumentError } from "./options.js";

/** How to divide rows into folds: a number of folds as by `KFold`, a splitter, or a list of folds. */
export type CrossValidation = number | Splitter | readonly FoldLike[];

/**
 * The folds' source, checked before any data is there.
 *
 * @throws {TypeError} Neither a number, nor an object with `split`, nor a list.
 * @throws {RangeError} A number that KFold rejects.
 */
export function toSplitter(cv: CrossValidation): Splitter | readonly FoldLike[] {
  const given: unknown = cv;
  if (typeof given === "number") {
    return new KFold({ nSplits: given });
  }
  if (typeof cv !== "object" || given === null || !(Array.isArray(cv) || hasSplit(cv))) {
    throw argumentError("cv", cv, "a number of folds, an object with split, or a list of { train, test }");
  }
  return cv;
}

function hasSplit(cv: object): boolean {
  return "split" in cv && typeof cv.split === "function";
}

/**
 * The folds of a splitter, or of a list, checked.
 *
 * @throws {RangeError} No fold, a part without rows, a position that is not a row's; the message names the fold, from 0.
 * @throws {TypeError} A fold without `train` or `test`.
 */
export function listFolds(cv: Splitter | readonly FoldLike[], y: Float64Array, groups?: Groups): Fold[] {
  const rowCount = y.length;
  if (groups !== undefined && groups.length !== rowCount) {
    throw new RangeError(`groups has ${groups.length} rows, expected ${rowCount}`);
  }
  const given = "split" in cv ? [...cv.split(rowCount, y, groups)] : cv;
  if (given.length === 0) {
    throw new RangeError("cv has no folds");
  }
  return given.map((fold, index) => ({
    train: readRows(fold, "train", index, rowCount),
    test: readRows(fold, "test", index, rowCount),
  }));
}

function readRows(fold: FoldLike, part: "train" | "test", index: number, rowCount: number): Int32Array {
  const name = `fold ${index}: ${part}`;
  const fields: unknown = fold;
  if (typeof fields !== "object" || fields === null || typeof fold[part] !== "object") {
    throw argumentError(`fold ${index}`, fold, "an object with train and test, arrays of row positions");
  }
  const given = fold[part];
  if (given.length === 0 || !Number.isInteger(given.length)) {
    throw new RangeError(`${name} has no rows`);
  }
  for (let i = 0; i < given.length; i++) {
    const row = given[i]!;
    if (!Number.isInteger(row) || row < 0 || row >= rowCount) {
      throw new RangeError(`${name}[${i}] is ${row}, expected a row position from 0 to ${rowCount - 1}`);
    }
  }
  return given instanceof Int32Array ? given : Int32Array.from(given);
}
