import type { Criterion } from "./tree.js";

/** Parameters of a regression tree. */
export interface TreeParams {
  /** Default `"squared_error"`: leaves predict means. `"absolute_error"`: leaves predict medians. */
  readonly criterion: Criterion;
  /** Greatest number of splits on a path, at least 1; null for no limit. Default null. */
  readonly maxDepth: number | null;
  /** Fewest rows of a node that is split, at least 2. Default 2. */
  readonly minSamplesSplit: number;
  /** Fewest rows on each side of a split, at least 1. Default 1. */
  readonly minSamplesLeaf: number;
}

const DEFAULTS: TreeParams = {
  criterion: "squared_error",
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
};
const NAMES: ReadonlySet<string> = new Set(Object.keys(DEFAULTS));

/**
 * Parameters with their defaults.
 *
 * @throws {RangeError} An unknown name, or a value that is not allowed.
 */
export function checkTreeParams(params: Partial<TreeParams>): TreeParams {
  for (const name of Object.keys(params)) {
    if (!NAMES.has(name))
      throw new RangeError(`unknown parameter ${name}, expected one of ${[...NAMES].join(", ")}`);
  }
  const { criterion, maxDepth, minSamplesSplit, minSamplesLeaf } = { ...DEFAULTS, ...params };
  if (!["squared_error", "absolute_error"].includes(criterion)) {
    throw new RangeError(
      `criterion is ${JSON.stringify(criterion)}, expected "squared_error" or "absolute_error"`,
    );
  }
  if (maxDepth !== null) checkInteger("maxDepth", maxDepth, 1, " or null");
  checkInteger("minSamplesSplit", minSamplesSplit, 2);
  checkInteger("minSamplesLeaf", minSamplesLeaf, 1);
  return { criterion, maxDepth, minSamplesSplit, minSamplesLeaf };
}

function checkInteger(name: string, value: number, minimum: number, alternative = ""): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new RangeError(
    `${name} is ${String(value)}, expected an integer of at least ${minimum}${alternative}`,
  );
}
