import type { GridSearchCV } from "@ml-pipelines/decision-tree";

/**
 * The search's table of results in compact form, kept with the model: the best point with its scores, how many points
 * share its mean score (prunings that are the same tree), and the best of the others.
 */
export function summariseSearch({ cvResults, bestIndex }: GridSearchCV) {
  const { params, splitTestScores, meanTestScore, stdTestScore, rankTestScore } = cvResults;
  const point = (index: number) => ({
    params: { ...params[index] },
    mean_test_score: meanTestScore[index] ?? NaN,
    std_test_score: stdTestScore[index] ?? NaN,
    split_test_scores: splitTestScores.map((scores) => scores[index] ?? NaN),
  });
  const ties = rankTestScore.filter((rank) => rank === 1).length;
  const runnerUp = rankTestScore.indexOf(ties + 1);
  return {
    scoring: "r2",
    folds: splitTestScores.length,
    points: params.length,
    best: point(bestIndex),
    points_as_good_as_best: ties,
    ...(runnerUp >= 0 && { runner_up: point(runnerUp) }),
  };
}
