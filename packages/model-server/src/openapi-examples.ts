import { decodeValue } from "@ml-pipelines/pipeline-utils/aws";
import { typicalRow } from "@ml-pipelines/pipeline-utils/monitoring";
import { describeModel } from "./model/describe-model.js";
import type { Prediction, ServedModel } from "./model/served-model.js";
import { inferenceModel, inferenceResponse } from "./protocols/inference-answer.js";
import { datatypeOf } from "./protocols/tensor.js";
import { propertyOf } from "./untrusted.js";

/** One input by name, as requests have it. */
type Input = Record<string, string | number | boolean>;

/**
 * Examples of requests that a model takes and of its answers to them, by the name of the schema.
 *
 * @param prediction - Names the prediction in answers.
 */
export function examplesOf(served: ServedModel, prediction: string): Record<string, unknown> {
  const input = exampleInput(served);
  const columns = Object.keys(input);
  const values = Object.values(input);
  const value = served.answer(served.predict(served.rows.readRow(input)));
  return {
    Data: input,
    Prediction: { [prediction]: value, model_version: served.version },
    BatchPrediction: { [prediction]: [value], model_version: served.version },
    Predictions: { predictions: [value] },
    ...exampleCurves(served, input, prediction, value),
    ModelDescription: describeModel(served),
    Ready: {
      status: "ready",
      model_hash: served.hash,
      model_address: served.address,
      build: { program: "hours-serve", version: "1.2.3", commit: "ed31131" },
    },
    DataframeSplit: { dataframe_split: { columns, data: [values] } },
    DataframeRecords: { dataframe_records: [input] },
    Instances: { instances: [values] },
    Inputs: { inputs: Object.fromEntries(columns.map((name, index) => [name, [values[index]]])) },
    InputArray: [input],
    Invocations: { dataframe_records: [input] },
    InferenceModel: inferenceModel(served, prediction),
    InferenceRequest: exampleInference(served, input),
    InferenceResponse: inferenceResponse(served, prediction, "42", [value]),
  };
}

/** The first of the model's own examples, else typical values. */
function exampleInput({ features, model }: ServedModel): Input {
  const { examples } = model.metadata;
  const first: unknown = Array.isArray(examples) ? examples[0] : undefined;
  const typical = typicalRow(features, model.metadata.profile);
  const values = features.map((feature, column) => {
    const value = propertyOf(first, feature.name);
    const isValue = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return [feature.name, isValue ? value : decodeValue(feature, typical[column] ?? NaN)] as const;
  });
  return Object.fromEntries(values);
}

/** The same input as tensors of one row. */
function exampleInference({ features }: ServedModel, input: Input): object {
  const inputs = features.map((feature) => ({
    name: feature.name,
    shape: [1],
    datatype: datatypeOf(feature),
    data: [input[feature.name]],
  }));
  return { id: "42", inputs };
}

/** Curves of one step: all of them may be a megabyte. */
function exampleCurves(
  { features }: ServedModel,
  input: Input,
  prediction: string,
  value: Prediction,
): { PredictionCurves?: object } {
  const feature = features.find(({ type }) => type === "number");
  if (feature === undefined) {
    return {};
  }
  const { name } = feature;
  const line = features.find(({ type }) => type !== "number")?.name ?? name;
  const lineName = line === name ? name : String(input[line]);
  return { PredictionCurves: { [name]: [input[name]], [prediction]: { [lineName]: [value] } } };
}
