import { NotExplainableError } from "@ml-pipelines/pipeline-utils/aws";
import type { Explanation, PathStep } from "@ml-pipelines/pipeline-utils/aws";
import { predictionInterval, typicalRow } from "@ml-pipelines/pipeline-utils/monitoring";
import type { PredictionInterval } from "@ml-pipelines/pipeline-utils/monitoring";
import { HttpError } from "../errors.js";
import type { ServedModel } from "./served-model.js";

/** Why a prediction is what it is, and how sure, as clients get it. */
export interface ExplainedPrediction {
  /** Undefined if training stored no interval. */
  readonly interval: PredictionInterval | undefined;
  readonly explanation: {
    readonly mean: number;
    /** By name of the feature. */
    readonly contributions: Readonly<Record<string, number>>;
    readonly path?: readonly PathStep[];
  };
}

/**
 * Explain one prediction.
 *
 * @param row - As `served.rows` reads it.
 * @param prediction - The model's for that row.
 * @throws {HttpError} 409: the model's class explains nothing, or the model lacks the data for it.
 */
export function explainPrediction(
  served: ServedModel,
  row: readonly number[],
  prediction: number,
): ExplainedPrediction {
  const { features, target, model } = served;
  const { mean, contributions, path } = explain(served, row);
  const named = features.map(({ name }, column) => [name, contributions[column] ?? 0] as const);
  return {
    interval: predictionInterval(model.metadata.interval, { features, target, row, prediction }),
    explanation: { mean, contributions: Object.fromEntries(named), ...(path !== undefined && { path }) },
  };
}

/** Whether a model explains its predictions. It explains one of typical inputs. */
export function explains(served: ServedModel): boolean {
  try {
    explain(served, typicalRow(served.features, served.model.metadata.profile));
    return true;
  } catch (error) {
    if (error instanceof HttpError) {
      return false;
    }
    throw error;
  }
}

function explain({ model, modelClass, features }: ServedModel, row: readonly number[]): Explanation {
  if (modelClass.explain === undefined) {
    throw new HttpError(409, `Models of type ${modelClass.modelType} do not explain their predictions`);
  }
  try {
    return modelClass.explain(model.model, row, features);
  } catch (error) {
    if (error instanceof NotExplainableError) {
      throw new HttpError(409, `This model cannot explain its predictions: ${error.message}`);
    }
    throw error;
  }
}
