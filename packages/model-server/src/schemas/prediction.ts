import type { Target } from "@ml-pipelines/pipeline-utils/aws";
import { Type } from "@sinclair/typebox";
import type { TSchema } from "@sinclair/typebox";
import type { ServedModel } from "../model/served-model.js";
import { titleOf } from "../untrusted.js";
import { descriptionOf } from "./input.js";

/**
 * The answers that hold predictions, by the name of the prediction and the model's target.
 *
 * @param prediction - Names the prediction in answers.
 * @param served - Undefined as long as there is no model: then the schemas take any prediction.
 */
export function predictionSchemas(prediction: string, served: ServedModel | undefined): TSchema[] {
  const title = titleOf(prediction);
  const model_version = Type.String({ title: "Model Version" });
  const one = valueSchema(served?.target, served !== undefined);
  const interval = intervalSchema();
  return [
    Type.Object(
      {
        [prediction]: { ...one, title },
        model_version,
        interval: Type.Optional(interval),
        explanation: Type.Optional(explanationSchema(served, { path: Type.Optional(pathSchema()) })),
      },
      { $id: "Prediction", title: "Prediction" },
    ),
    Type.Object(
      {
        [prediction]: Type.Array(one, { title }),
        model_version,
        intervals: Type.Optional(Type.Array(interval)),
        explanations: Type.Optional(Type.Array(explanationSchema(served, {}))),
      },
      { $id: "BatchPrediction", title: "BatchPrediction" },
    ),
    // MLflow's clients expect this name.
    Type.Object({ predictions: Type.Array(one) }, { $id: "Predictions", title: "Predictions" }),
    curvesSchema(prediction, one, served),
  ];
}

function valueSchema(target: Target | undefined, isModel: boolean): TSchema {
  const text = target === undefined ? {} : descriptionOf(target);
  if (target?.type === "category") {
    return Type.String({ ...text, enum: [...target.categories] });
  }
  return isModel ? Type.Number(text) : Type.Any();
}

function intervalSchema(): TSchema {
  return Type.Object(
    {
      level: Type.Number({ description: "Share of true values that such intervals cover" }),
      low: Type.Number(),
      high: Type.Number(),
    },
    { description: "With explain=true, if training measured intervals" },
  );
}

function explanationSchema(served: ServedModel | undefined, more: Record<string, TSchema>): TSchema {
  const contributions = (served?.features ?? []).map(({ name }) => [name, Type.Number()] as const);
  return Type.Object(
    {
      mean: Type.Number({ description: "Mean prediction for the training rows" }),
      contributions: Type.Object(Object.fromEntries(contributions), {
        description: "Shapley value of each feature. Their sum is the prediction minus the mean",
      }),
      ...more,
    },
    { description: "With explain=true" },
  );
}

function pathSchema(): TSchema {
  const step = Type.Object({
    feature: Type.String(),
    threshold: Type.Number(),
    side: Type.String({ enum: ["left", "right"], description: "Left if the value is at most the threshold" }),
    samples: Type.Integer({ description: "Training rows with the same decisions up to this one" }),
    mean: Type.Number({ description: "Mean prediction for them" }),
    words: Type.String(),
  });
  return Type.Array(step, { description: "The decisions of a tree, from the root to the leaf" });
}

function curvesSchema(prediction: string, one: TSchema, served: ServedModel | undefined): TSchema {
  const numbers = (served?.features ?? []).filter(({ type }) => type === "number");
  const isOnly = numbers.length === 1;
  const steps = Type.Array(Type.Number(), {
    description:
      "Ascending values of the feature. Exact where the model knows its steps, else samples of the training range.",
  });
  // One of them: the feature that was asked for.
  const properties = numbers.map(({ name }) => [name, isOnly ? steps : Type.Optional(steps)] as const);
  // Not a typebox Record: OpenAPI 3.0 knows no patternProperties.
  const lines = Type.Object(
    {},
    {
      additionalProperties: Type.Array(one),
      description:
        "A line for each value of one category or boolean feature: the prediction from each step up to the next",
    },
  );
  return Type.Object(
    { ...Object.fromEntries(properties), [prediction]: lines },
    { $id: "PredictionCurves", title: "PredictionCurves" },
  );
}
