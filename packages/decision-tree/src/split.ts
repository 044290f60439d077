import type { NodeSummary } from "./node-summary.js";

/** The best split found so far at a node: filled in place, since millions are tried. */
export interface Split {
  /** What the criterion gains by the split, larger is better; -Infinity before any was found. */
  gain: number;
  /** Column; -1 before any was found. */
  feature: number;
  /** By how much its gain is larger than that of the split it replaced. */
  lead: number;
  /** Number of training rows that go left. */
  left: number;
  /** Where the feature is sorted: how many entries of its list go left; fewer than rows where entries are cells. */
  entries: number;
  /** Where the feature is coded: the greatest code on the left. */
  code: number;
  /** The greatest value of the feature on the left, and the least on the right. */
  lower: number;
  upper: number;
}

/**
 * Whether the split would be the best one, too, if some of the splits tried before it were not allowed. Then another
 * may stand in its way; its gain, if not larger than all before it by the tolerance, is larger by the tolerance at
 * most than that of the split that `best` replaced. Three tolerances leave room for rounding.
 */
export function isClear({ lead }: Split, { error }: NodeSummary): boolean {
  return lead > 3 * TIE_TOLERANCE * error;
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

/** scikit-learn's: feature values no further apart than this are one value. Added in 32-bit floats, as there. */
const SAME_VALUE = Math.fround(1e-7);

/** Whether a split may come between two neighbours of an ascending feature. */
export function isBoundary(lower: number, upper: number): boolean {
  return upper > Math.fround(lower + SAME_VALUE);
}

/** scikit-learn's threshold between two values: their midpoint, or the lower one where the midpoint rounds up. */
export function midpoint(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2;
  return middle < upper ? middle : lower;
}
