// Types of the search for a node's best split. Both criteria implement SplitFinder.

/** Size, prediction and error of a node's labels under a criterion. */
export interface NodeSummary {
  /** Number of training rows. */
  size: number;
  /** Sum of their weights; without weights, their number. */
  weight: number;
  /** Mean or median. */
  value: number;
  /** Weighted sum of squared or absolute errors from `value`. Exactly 0 if all labels are equal. */
  error: number;
}

/** Search for the best split of a node, by one criterion. */
export interface SplitFinder {
  /** Size, value and error of the node at `start` to `end - 1`. */
  summarise(start: number, end: number, out: NodeSummary): void;
  /**
   * The best split. If several splits are equal apart from rounding, the lowest threshold of the first feature wins.
   *
   * @param minLeaf - Minimum rows on each side.
   * @returns An object that the next call overwrites. `feature` is -1 if no split leaves enough rows on each side.
   */
  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split;
}

/** The best split found so far at a node. It is updated in place, because millions are tried. */
export interface Split {
  /** The reduction of the node's error; larger is better. -Infinity before any split was found. */
  gain: number;
  /** Column; -1 before any split was found. */
  feature: number;
  /** The difference between its gain and that of the split it replaced. */
  lead: number;
  /** Number of training rows that go left. */
  left: number;
  /** For a sorted feature: number of its list's entries that go left. Smaller than `left` if entries are cells. */
  entries: number;
  /** For a coded feature: the greatest code on the left. */
  code: number;
  /** The greatest value of the feature on the left, and the least on the right. */
  lower: number;
  upper: number;
}

/** Create an empty split. */
export function createSplit(): Split {
  return resetSplit({ gain: 0, feature: 0, lead: 0, left: 0, entries: 0, code: 0, lower: 0, upper: 0 });
}

/** Reset `best` to be worse than any split. */
export function resetSplit(best: Split): Split {
  best.gain = -Infinity;
  best.feature = -1;
  return best;
}

/**
 * A split replaces the best one only if its gain is larger by more than this share of the node's total error.
 * Mathematically equal gains differ in their last bits, so that without a tolerance rounding would decide.
 */
export const TIE_TOLERANCE = 1e-9;

/**
 * Whether a split stays the best one if some of the splits tried before it are not allowed.
 *
 * Without them, another split may take the place of the split that `best` replaced. Its gain exceeds the gain of that
 * split by the tolerance at most. Three tolerances leave room for rounding.
 */
export function isClear({ lead }: Split, { error }: NodeSummary): boolean {
  return lead > 3 * TIE_TOLERANCE * error;
}

/**
 * scikit-learn's tolerance: feature values no further apart than this count as equal. Like scikit-learn, add it in
 * 32-bit floats.
 */
const SAME_VALUE_DISTANCE = Math.fround(1e-7);

/** Whether a split may come between two neighbours of an ascending feature. */
export function isBoundary(lower: number, upper: number): boolean {
  return upper > Math.fround(lower + SAME_VALUE_DISTANCE);
}

/**
 * scikit-learn's threshold between two values: their midpoint, or the lower value if the midpoint rounds up to the
 * upper one.
 */
export function midpoint(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2;
  return middle < upper ? middle : lower;
}
