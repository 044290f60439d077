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
  /** Minimum rows of a node that is split, at least 2. Default 2. */
  readonly minSamplesSplit: number;
  /** Minimum rows on each side of a split, at least 1. Default 1. */
  readonly minSamplesLeaf: number;
}

const DEFAULT_PARAMS: TreeParams = {
  criterion: "squared_error",
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
};
const PARAM_NAMES: OptionNames<TreeParams> = {
  criterion: true,
  maxDepth: true,
  minSamplesSplit: true,
  minSamplesLeaf: true,
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
    minSamplesSplit: readInteger("minSamplesSplit", values.minSamplesSplit, 2),
    minSamplesLeaf: readInteger("minSamplesLeaf", values.minSamplesLeaf, 1),
  };
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
