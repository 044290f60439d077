import { DecisionTreeRegressor, GridSearchCV } from "@ml-pipelines/decision-tree";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { TrainContext, TrainedModel } from "@ml-pipelines/pipeline-utils/stage";

const FROM_2_TO_10 = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The settings of the search. `--if-new` trains again if one of them differs from the newest model's. */
export const SEARCH_SETTINGS = { folds: 5, scoring: "r2" } as const;

/** The grid of the article: 2 x 10 x 9 x 9 = 1,620 points. `null` sets no limit on the depth. */
export const HYPERPARAMETER_GRID = {
  criterion: ["squared_error", "absolute_error"] as const,
  maxDepth: [...FROM_2_TO_10, null],
  minSamplesLeaf: FROM_2_TO_10,
  minSamplesSplit: FROM_2_TO_10,
};

/** Search the grid by the mean r-squared of five folds, and fit the best point to all training rows. */
export async function searchTree({
  train,
  signal,
  onProgress,
}: Pick<TrainContext, "train" | "signal" | "onProgress">): Promise<TrainedModel<MlCartTree>> {
  const { folds: cv, scoring } = SEARCH_SETTINGS;
  const options = { cv, scoring, signal, onProgress };
  const search = new GridSearchCV(new DecisionTreeRegressor(), HYPERPARAMETER_GRID, options);
  await search.fit(train.columns, train.target);
  return { model: search.bestEstimator.toMlCart(), details: { search: summariseSearch(search) } };
}

/**
 * Summarise a search for the model's metadata: the best point with its scores, how many points share its mean score
 * (prunings that give the same tree), and the best of the other points. Mean scores by depth and leaf size are for its
 * card.
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
    heat_map: heatMapOf(cvResults, "minSamplesLeaf", "maxDepth"),
  };
}

/** The best mean score of all points with the same values of two parameters, for the model's card. */
function heatMapOf({ params, meanTestScore }: GridSearchCV["cvResults"], x: Parameter, y: Parameter) {
  const valuesOf = (name: Parameter) => [...new Set(params.map((point) => point[name] ?? null))];
  const [across, down] = [valuesOf(x), valuesOf(y)];
  const scores = down.map((yValue) =>
    across.map((xValue) => {
      const alike = meanTestScore.filter((score, index) => {
        const point = params[index] ?? {};
        return (point[x] ?? null) === xValue && (point[y] ?? null) === yValue && Number.isFinite(score);
      });
      return alike.reduce<number | null>((best, score) => Math.max(best ?? score, score), null);
    }),
  );
  return { x: { name: x, values: across }, y: { name: y, values: down }, scores };
}

type Parameter = "maxDepth" | "minSamplesLeaf";
