import { checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";

/**
 * Measure of how well a split separates labels: the sum of the squared, or of the absolute, errors of its two sides.
 */
export type Criterion = "squared_error" | "absolute_error";

/** Parameters of a regression tree. */
export interface TreeParams {
  /** Default `"squared_error"`: leaves predict means. `"absolute_error"`: leaves predict medians. */
  readonly criterion: Criterion;
  /** Maximum number of splits on a path, at least 1; null for no limit. Default null. */
  readonly maxDepth: number | null;
  /** Minimum rows of a node that is split, at least 2; or a share of all rows, in (0, 1), rounded up. Default 2. */
  readonly minSamplesSplit: number;
  /** Minimum rows on each side of a split, at least 1; or a share of all rows, in (0, 1), rounded up. Default 1. */
  readonly minSamplesLeaf: number;
  /** Minimum reduction of the criterion by a split, as a mean over all training rows. Default 0. */
  readonly minImpurityDecrease: number;
  /**
   * Cost of a leaf, as a mean error over all training rows. A branch that saves less for each of its leaves is cut.
   * Default 0: nothing is cut.
   */
  readonly ccpAlpha: number;
}

const DEFAULT_PARAMS: TreeParams = {
  criterion: "squared_error",
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  minImpurityDecrease: 0,
  ccpAlpha: 0,
};
const PARAM_NAMES: OptionNames<TreeParams> = {
  criterion: true,
  maxDepth: true,
  minSamplesSplit: true,
  minSamplesLeaf: true,
  minImpurityDecrease: true,
  ccpAlpha: true,
};

/**
 * Parameters with their defaults.
 *
 * @param params - From any source.
 * @throws {TypeError} An unknown name.
 * @throws {RangeError} A value that is not allowed.
 */
export function checkTreeParams(params: object): TreeParams {
  checkOptions(params, PARAM_NAMES);
  const values: Record<string, unknown> = { ...DEFAULT_PARAMS, ...params };
  const { criterion, maxDepth } = values;
  if (criterion !== "squared_error" && criterion !== "absolute_error") {
    throw new RangeError(`criterion is ${show(criterion)}, expected "squared_error" or "absolute_error"`);
  }
  return {
    criterion,
    maxDepth: maxDepth === null ? null : readInteger("maxDepth", maxDepth, 1, " or null"),
    minSamplesSplit: readSize("minSamplesSplit", values.minSamplesSplit, 2),
    minSamplesLeaf: readSize("minSamplesLeaf", values.minSamplesLeaf, 1),
    minImpurityDecrease: readCost("minImpurityDecrease", values.minImpurityDecrease),
    ccpAlpha: readCost("ccpAlpha", values.ccpAlpha),
  };
}

/** Parameters whose minimum sizes are numbers of rows, by scikit-learn's rounding of shares. */
export function resolveSizes(params: TreeParams, rows: number): TreeParams {
  const { minSamplesSplit, minSamplesLeaf } = params;
  return {
    ...params,
    minSamplesSplit: isShare(minSamplesSplit)
      ? Math.max(2, Math.ceil(minSamplesSplit * rows))
      : minSamplesSplit,
    minSamplesLeaf: isShare(minSamplesLeaf) ? Math.ceil(minSamplesLeaf * rows) : minSamplesLeaf,
  };
}

/** Whether a minimum size depends on the number of rows. */
export function hasShares({ minSamplesSplit, minSamplesLeaf }: TreeParams): boolean {
  return isShare(minSamplesSplit) || isShare(minSamplesLeaf);
}

function isShare(size: number): boolean {
  return size > 0 && size < 1;
}

function readSize(name: string, value: unknown, minimum: number): number {
  return typeof value === "number" && isShare(value)
    ? value
    : readInteger(name, value, minimum, " or a share in (0, 1)");
}

function readCost(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < Infinity) {
    return value;
  }
  throw new RangeError(`${name} is ${show(value)}, expected a finite number of at least 0`);
}

function readInteger(name: string, value: unknown, minimum: number, alternative = ""): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= minimum) {
    return value;
  }
  throw new RangeError(`${name} is ${show(value)}, expected an integer of at least ${minimum}${alternative}`);
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
