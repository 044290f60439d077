import type { Fold } from "./folds.js";

/** Results of a search in columns: element i of each belongs to point i. */
export interface CvResults<P> {
  readonly params: readonly Partial<P>[];
  /** One column per fold. */
  readonly splitTestScores: readonly Float64Array[];
  readonly meanTestScore: Float64Array;
  /** Population standard deviation over the folds. */
  readonly stdTestScore: Float64Array;
  /** 1 for the best mean; equal means share the smaller rank; NaN ranks last. */
  readonly rankTestScore: Int32Array;
}

/** Add means, deviations and ranks to the scores of each fold. */
export function summariseScores<P>(
  params: readonly Partial<P>[],
  splitTestScores: readonly Float64Array[],
): CvResults<P> {
  const meanTestScore = new Float64Array(params.length);
  const stdTestScore = new Float64Array(params.length);
  const folds = splitTestScores.length;
  for (let point = 0; point < params.length; point++) {
    let sum = 0;
    for (const scores of splitTestScores) {
      sum += scores[point]!;
    }
    const mean = sum / folds;
    let squares = 0;
    for (const scores of splitTestScores) {
      squares += (scores[point]! - mean) ** 2;
    }
    meanTestScore[point] = mean;
    stdTestScore[point] = Math.sqrt(squares / folds);
  }
  return { params, splitTestScores, meanTestScore, stdTestScore, rankTestScore: rankScores(meanTestScore) };
}

/** Ranks from 1 for the greatest score. NaN ranks after every number, -Infinity included. */
function rankScores(scores: Float64Array): Int32Array {
  const descending = scores
    .filter((score) => !Number.isNaN(score))
    .sort()
    .reverse();
  const ranks = new Map<number, number>([[Number.NaN, descending.length + 1]]);
  descending.forEach((score, index) => ranks.set(score, ranks.get(score) ?? index + 1));
  return Int32Array.from(scores, (score) => ranks.get(score)!);
}

/**
 * Warn of points whose mean score is NaN, and fail if no other point is left to be the best.
 *
 * @param reasonOf - Why a fold can have scored NaN.
 * @throws {RangeError} Every mean is NaN; the message names the first fold that scored NaN, from 0, and the reason.
 */
export function checkScores<P>(
  { params, splitTestScores, meanTestScore }: CvResults<P>,
  reasonOf: (fold: number) => string,
): void {
  const isUnknown = (score: number | undefined) => Number.isNaN(score);
  const unknown = meanTestScore.reduce((count, mean) => count + (isUnknown(mean) ? 1 : 0), 0);
  if (unknown === 0) {
    return;
  }
  const point = meanTestScore.findIndex(isUnknown);
  const fold = splitTestScores.findIndex((scores) => isUnknown(scores[point]));
  const reason = fold < 0 ? "infinite scores have no mean" : `in fold ${fold}, ${reasonOf(fold)}`;
  if (unknown === params.length) {
    throw new RangeError(`every point has a mean score of NaN: ${reason}`);
  }
  process.emitWarning(
    `${unknown} of ${params.length} points have a mean score of NaN and are never the best. ` +
      `The first is ${JSON.stringify(params[point])}: ${reason}`,
    "SearchScores",
  );
}

/** Why a fold scored NaN. */
export function reasonForNaN(scoring: unknown, { test }: Fold): string {
  return scoring === "r2" && test.length < 2
    ? `r2 needs two test rows or more, and there is ${test.length}`
    : "the scoring returned NaN";
}
