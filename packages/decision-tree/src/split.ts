// The vocabulary of the search for a node's best split: both criteria implement SplitFinder.

/** Size, prediction and error of a node's labels under a criterion. */
export interface NodeSummary {
  /** Number of training rows. */
  size: number;
  /** Mean or median. */
  value: number;
  /** Sum of squared, or absolute, errors from `value`; exactly 0 where all labels are equal. */
  error: number;
}

/** Search of the best split of a node, by one criterion. */
export interface SplitFinder {
  /** Size, value and error of the node at `start` to `end - 1`. */
  summarise(start: number, end: number, out: NodeSummary): void;
  /**
   * The best split. Among splits that are equal but for rounding, the first feature and its lowest threshold win.
   *
   * @param minLeaf - Fewest rows on each side.
   * @returns An object that the next call fills again; `feature` is -1 where no split leaves enough rows on each side.
   */
  find(start: number, end: number, node: NodeSummary, minLeaf: number): Split;
}

/** The best split found so far at a node: filled in place, since millions are tried. */
export interface Split {
  /** How much the split lessens the node's error; larger is better. -Infinity before any was found. */
  gain: number;
  /** Column; -1 before any was found. */
  feature: number;
  /** By how much its gain is larger than that of the split it replaced. */
  lead: number;
  /** Number of training rows that go left. */
  left: number;
  /** For a sorted feature: how many entries of its list go left; fewer than rows where entries are cells. */
  entries: number;
  /** For a coded feature: the greatest code on the left. */
  code: number;
  /** The greatest value of the feature on the left, and the least on the right. */
  lower: number;
  upper: number;
}

/** A split to be filled in place. */
export function createSplit(): Split {
  return { gain: 0, feature: 0, lead: 0, left: 0, entries: 0, code: 0, lower: 0, upper: 0 };
}

/** Make `best` worse than any split. */
export function forgetSplit(best: Split): Split {
  best.gain = -Infinity;
  best.feature = -1;
  return best;
}

/**
 * A split replaces the best one only when its gain is larger by more than this part of the node's total error.
 * Gains that are equal in real numbers differ in their last bits; without a tolerance, rounding would settle ties.
 */
export const TIE_TOLERANCE = 1e-9;

/**
 * Whether the split would still be the best one if some of the splits tried before it were not allowed.
 *
 * Without them another split may take its place in the order. The gain of such a split exceeds that of the split that
 * `best` replaced by the tolerance at most. Three tolerances leave room for rounding.
 */
export function isClear({ lead }: Split, { error }: NodeSummary): boolean {
  return lead > 3 * TIE_TOLERANCE * error;
}

/** scikit-learn's: feature values no further apart than this are one value. Added in 32-bit floats, as there. */
const SAME_VALUE_DISTANCE = Math.fround(1e-7);

/** Whether a split may come between two neighbours of an ascending feature. */
export function isBoundary(lower: number, upper: number): boolean {
  return upper > Math.fround(lower + SAME_VALUE_DISTANCE);
}

/** scikit-learn's threshold between two values: their midpoint, or the lower one where the midpoint rounds up. */
export function midpoint(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2;
  return middle < upper ? middle : lower;
}
