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
  for (let point = 0; point < params.length; point++) {
    const scores = splitTestScores.map((column) => column[point]!);
    const mean = average(scores);
    meanTestScore[point] = mean;
    stdTestScore[point] = Math.sqrt(average(scores.map((score) => (score - mean) ** 2)));
  }
  return { params, splitTestScores, meanTestScore, stdTestScore, rankTestScore: rank(meanTestScore) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rank(scores: Float64Array): Int32Array {
  const comparable = scores.map((score) => (Number.isNaN(score) ? -Infinity : score));
  const descending = comparable.toSorted((a, b) => b - a);
  const ranks = new Map<number, number>();
  descending.forEach((score, index) => {
    if (!ranks.has(score)) ranks.set(score, index + 1);
  });
  return Int32Array.from(comparable, (score) => ranks.get(score)!);
}
