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
    for (const scores of splitTestScores) sum += scores[point]!;
    const mean = sum / folds;
    let squares = 0;
    for (const scores of splitTestScores) squares += (scores[point]! - mean) ** 2;
    meanTestScore[point] = mean;
    stdTestScore[point] = Math.sqrt(squares / folds);
  }
  return { params, splitTestScores, meanTestScore, stdTestScore, rankTestScore: rank(meanTestScore) };
}

function rank(scores: Float64Array): Int32Array {
  const comparable = scores.map((score) => (Number.isNaN(score) ? -Infinity : score));
  const ascending = comparable.toSorted();
  const ranks = new Map<number, number>();
  // The last of equal scores counts: of those, it has the fewest above it.
  ascending.forEach((score, index) => ranks.set(score, ascending.length - index));
  return Int32Array.from(comparable, (score) => ranks.get(score)!);
}
