import type { GridSearchOptions } from "@ml-pipelines/decision-tree";
import { DecisionTreeRegressor, GridSearchCV, meanAbsoluteError, r2Score } from "@ml-pipelines/decision-tree";
import type { HYPERPARAMETER_GRID } from "./hyperparameters.js";
import type { FeaturesAndLabels } from "./prepare-data.js";

/** How well a model does on the rows it has not seen. */
export interface TaskMetrics {
  /** Coefficient of determination; 1 is perfect. */
  rSquared: number;
  /** Hours. */
  meanAbsoluteError: number;
}

/** The best model of the grid and what was measured of it. */
export interface TrainedModel {
  model: DecisionTreeRegressor;
  metrics: TaskMetrics;
  search: GridSearchCV;
}

/**
 * Search the grid by the mean r-squared of five folds, fit the best point to all training rows, and measure it on the
 * test rows.
 *
 * @param options - `onProgress` is told of every growth; `signal` ends the search with its reason.
 */
export async function trainModel(
  data: FeaturesAndLabels,
  grid: typeof HYPERPARAMETER_GRID,
  options: Pick<GridSearchOptions, "onProgress" | "signal"> = {},
): Promise<TrainedModel> {
  const search = new GridSearchCV(new DecisionTreeRegressor(), grid, { cv: 5, scoring: "r2", ...options });
  await search.fit(data.train.features, data.train.label);
  const model = search.bestEstimator;
  const predicted = model.predict(data.test.features);
  return {
    model,
    search,
    metrics: {
      rSquared: r2Score(data.test.label, predicted),
      meanAbsoluteError: meanAbsoluteError(data.test.label, predicted),
    },
  };
}
