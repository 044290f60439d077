import type { S3Client } from "@aws-sdk/client-s3";

import { ModelIntegrityError } from "../errors.js";
import { canonicalJson } from "../aws/models/canonical-json.js";
import { getModelFromS3 } from "../aws/models/get-model.js";
import { isJsonArray, isJsonObject } from "../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../aws/models/json-value.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { readModelFile } from "../aws/models/read-model-file.js";
import { comparePredictions } from "./prediction-grid.js";
import type { PredictionDiff, Predictor } from "./prediction-grid.js";
import { renderTable, showNumber, showValue } from "./table.js";

/** One value that differs. */
export interface Difference {
  /** `metrics.r_squared`. */
  readonly path: string;
  /** undefined if the model has no such value. */
  readonly a: JsonValue | undefined;
  readonly b: JsonValue | undefined;
}

/** The differences of two models. */
export interface ModelDiff {
  /** The two keys. */
  readonly a: string;
  readonly b: string;
  /** Whether nothing differs: neither a value, nor the model, nor a prediction. */
  readonly same: boolean;
  readonly differences: readonly Difference[];
  /** Text if the predictions could not be compared: the reason. */
  readonly predictions: PredictionDiff | string;
}

/** Compare two models of a bucket. */
export async function diffModels(
  bucket: string,
  [a, b]: readonly [string, string],
  {
    client,
    modelClasses,
  }: { readonly client: S3Client; readonly modelClasses: readonly ModelClass<unknown>[] },
): Promise<ModelDiff> {
  const [one, two] = [
    await readModelFile({ bucket, key: a }, { client }),
    await readModelFile({ bucket, key: b }, { client }),
  ];
  const differences = diffValues(comparedParts(one.file.fields), comparedParts(two.file.fields), "");
  const load = async (key: string, etag: string): Promise<Predictor | string> => {
    try {
      const model = await getModelFromS3(modelClasses, bucket, key, { etag, client });
      const modelClass = modelClasses.find(({ modelType }) => modelType === model.modelType);
      return modelClass?.predict === undefined
        ? `models of type ${model.modelType} do not predict`
        : { model, modelClass };
    } catch (error) {
      if (error instanceof ModelIntegrityError) {
        return error.message;
      }
      throw error;
    }
  };
  const [first, second] = [await load(a, one.etag), await load(b, two.etag)];
  const predictions =
    typeof first === "string"
      ? first
      : typeof second === "string"
        ? second
        : comparePredictions(first, second);
  const isSameModel = one.file.modelHash === two.file.modelHash;
  const areSamePredictions = typeof predictions === "string" ? isSameModel : predictions.different === 0;
  return {
    a,
    b,
    same: differences.length === 0 && isSameModel && areSamePredictions,
    differences,
    predictions,
  };
}

/** The parts of a file that tell two trainings apart. Columns are by name, so that an added one is one difference. */
function comparedParts({
  metadata,
  features,
  target,
  modelType,
  trainDataset,
  pipelineGitCommitHash,
}: JsonObject): JsonObject {
  const { metrics, settings, search, rows } = isJsonObject(metadata) ? metadata : {};
  const best = isJsonObject(search) ? search.best : undefined;
  const params = isJsonObject(best) ? best.params : undefined;
  const columns = isJsonArray(features)
    ? Object.fromEntries(
        features.map((each, index) => [
          isJsonObject(each) && typeof each.name === "string" ? each.name : String(index),
          isJsonObject(each) ? { ...each, position: index + 1 } : each,
        ]),
      )
    : {};
  const parts = { metrics, rows, settings, hyperparameters: params, features: columns, target, modelType };
  const all = { ...parts, dataset: trainDataset, commit: pipelineGitCommitHash };
  return Object.fromEntries(
    Object.entries(all).flatMap(([part, value]) => (value === undefined ? [] : [[part, value]])),
  );
}

function diffValues(a: JsonValue | undefined, b: JsonValue | undefined, path: string): Difference[] {
  if (isJsonObject(a) && isJsonObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].flatMap((name) => diffValues(a[name], b[name], path === "" ? name : `${path}.${name}`));
  }
  const isSame = a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
  return isSame ? [] : [{ path, a, b }];
}

/** Render the differences for people. */
export function renderModelDiff({ a, b, same, differences, predictions }: ModelDiff): string {
  const lines = [`a  ${a}`, `b  ${b}`, ""];
  if (differences.length > 0) {
    const rows = differences.map((each) => [each.path, shorten(each.a), shorten(each.b)]);
    lines.push(renderTable(["value", "a", "b"], rows), "");
  }
  if (typeof predictions === "string") {
    lines.push(`Predictions were not compared: ${predictions}`);
  } else {
    const { inputs, different, meanAbsoluteDifference: mean, greatest } = predictions;
    const size = mean === undefined ? "" : `, by ${showNumber(mean)} on average over all`;
    lines.push(`Predictions differ for ${different} of ${inputs} inputs${size}.`);
    if (greatest.length > 0) {
      const rows = greatest.map((pair) => [
        pair.input,
        showValue(pair.a),
        showValue(pair.b),
        pair.difference === undefined ? "" : showNumber(pair.difference),
      ]);
      lines.push("", renderTable(["input", "a", "b", "b - a"], rows));
    }
  }
  return [...lines, "", same ? "The models are the same." : "The models differ."].join("\n");
}

function shorten(value: JsonValue | undefined): string {
  const text = value === undefined ? "-" : showValue(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
