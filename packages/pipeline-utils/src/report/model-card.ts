import { checkOptions } from "../argument-error.js";
import type { OptionKinds } from "../argument-error.js";
import type { Feature, Target } from "../aws/models/feature.js";
import type { JsonObject } from "../aws/models/json-value.js";
import type { Model } from "../aws/models/model.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { countCategories } from "../aws/models/row.js";
import { own } from "../monitoring/profile.js";
import { trainedRange } from "../monitoring/typical-row.js";
import { curveFigures } from "./card-curves.js";
import { dataSection } from "./card-data.js";
import { errorFigures, importanceFigure, searchSection } from "./card-plots.js";
import { fields, figures, inWords, list, paragraph, renderPage, table } from "./html-page.js";
import { itemsOf, numberOf, numbersOf, objectOf } from "./json.js";
import { formatNumber } from "./plot/ticks.js";

/** Options of {@link renderModelCard}. */
export interface ModelCardOptions<M> {
  /** Class of the model, for the curves. Default: no curves. */
  readonly modelClass?: ModelClass<M> | undefined;
  /** `s3://bucket/key` of the model's file. Default: the card does not name it. */
  readonly address?: string | undefined;
}

const MODEL_CARD_OPTIONS: OptionKinds<ModelCardOptions<unknown>> = { modelClass: "other", address: "text" };

/** More metrics, checks or parameters are left out. */
const MAX_ROWS = 50;

/**
 * Render a model's card: its purpose, data, search, errors, curves, gate and lineage.
 *
 * The card is one HTML file without scripts, which loads nothing. All of it comes from the model, so the same model
 * gives the same bytes. A section whose data the model does not have is left out.
 *
 * @param model - A loaded model. Its texts and metadata may be hostile.
 * @returns HTML, some 60 kB.
 * @throws {TypeError} The options have an unknown name, in a caller without types.
 *
 * @example
 * ```ts
 * import { getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils";
 * import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
 * import { renderModelCard } from "@ml-pipelines/pipeline-utils/report";
 *
 * const model = await getLatestModelFromS3(dtRegression, "my-bucket", { folder: "models" });
 * console.log(renderModelCard(model, { modelClass: dtRegression }).slice(0, 15));
 * ```
 *
 * prints
 *
 * ```
 * <!doctype html>
 * ```
 */
export function renderModelCard<M>(model: Model<M>, options: ModelCardOptions<M> = {}): string {
  checkOptions(options, MODEL_CARD_OPTIONS);
  const { features, target, metadata } = model;
  const { modelClass, address } = options;
  return renderPage({
    title: `Model card: ${model.name}`,
    subtitle: `${model.modelType}, trained ${showTime(model.creationTime)}`,
    sections: [
      { heading: "Purpose", body: [paragraph(describePurpose(features, target)), signatureTable(features)] },
      { heading: "Metrics on held-out rows", body: [metricsOf(metadata)] },
      { heading: "Errors", body: [figures(errorFigures(model))] },
      {
        heading: "Predictions",
        body: [figures(curveFigures(model, modelClass)), figures([importanceFigure(model)])],
      },
      { heading: "Gate and checks", body: gateOf(metadata) },
      { heading: "Training data", body: dataSection(model) },
      { heading: "Search", body: searchSection(metadata.search) },
      { heading: "Lineage", body: [lineageOf(model, address)] },
      { heading: "Caveats", body: [list(caveatsOf(model))] },
    ],
  });
}

function describePurpose(features: readonly Feature[], target: Target | undefined): string {
  const names = features.slice(0, MAX_ROWS).map((feature) => inWords(feature));
  const inputs = names.length === 0 ? "no inputs" : names.join("; ");
  if (target === undefined) {
    return `Predicts a number from ${inputs}.`;
  }
  const kind =
    target.type === "number" ? inWords(target) : `the class of ${target.name.replaceAll("_", " ")}`;
  return `Predicts ${kind}, from ${inputs}.`;
}

function signatureTable(features: readonly Feature[]): string {
  const rows = features
    .slice(0, MAX_ROWS)
    .map((feature) => [feature.name, feature.type, allowedValues(feature), feature.description ?? ""]);
  return table("Inputs", ["Name", "Type", "Allowed values", "Description"], rows);
}

function allowedValues(feature: Feature): string {
  if (feature.type === "number") {
    const { minimum, maximum, integer, unit } = feature;
    return [
      integer === true ? "whole numbers" : "",
      minimum === undefined ? "" : `at least ${formatNumber(minimum)}`,
      maximum === undefined ? "" : `at most ${formatNumber(maximum)}`,
      unit === undefined ? "" : `in ${unit}`,
    ]
      .filter((part) => part !== "")
      .join(", ");
  }
  const values = feature.type === "category" ? feature.categories : ["false", "true"];
  const shown = values.slice(0, 12).join(", ");
  return values.length > 12 ? `${shown} and ${formatNumber(values.length - 12)} more` : shown;
}

function metricsOf({ metrics, rows }: JsonObject): string {
  const counted = objectOf(rows);
  const shown = numbersOf(metrics, MAX_ROWS).map(([name, value]): [string, string] => [
    name.replaceAll("_", " "),
    formatNumber(value),
  ]);
  return fields({
    ...Object.fromEntries(shown),
    "rows trained on": showCount(counted.train),
    "rows held out": showCount(counted.test),
  });
}

function showCount(json: Parameters<typeof numberOf>[0]): string | undefined {
  const count = numberOf(json);
  return count === undefined ? undefined : formatNumber(count, 9);
}

function gateOf({ gate, checks }: JsonObject): string[] {
  const { metric, value, better, error_threshold: error, warning_threshold: warning } = objectOf(gate);
  const found = [value, error, warning].map(numberOf);
  const [actual, least, wanted] = found;
  const passed = itemsOf(checks, MAX_ROWS).filter((check) => typeof check === "string");
  const direction = better === "less" ? "at most" : "at least";
  const isWarned =
    actual !== undefined && wanted !== undefined && (better === "less" ? actual > wanted : actual < wanted);
  const show = (bound: number | undefined): string | undefined =>
    bound === undefined ? undefined : `${direction} ${formatNumber(bound)}`;
  return [
    typeof metric === "string" && actual !== undefined
      ? fields({
          [metric.replaceAll("_", " ")]: formatNumber(actual),
          "needed to be kept": show(least),
          "expected without a warning": show(wanted),
          result: isWarned ? "passed, with a warning" : "passed",
        })
      : "",
    passed.length === 0 ? "" : paragraph("All checks of the trained model passed:"),
    list(passed),
  ];
}

function lineageOf<M>(model: Model<M>, address: string | undefined): string {
  const { trainDataset } = model;
  return fields({
    file: address,
    name: model.name,
    type: model.modelType,
    created: showTime(model.creationTime),
    "model hash (MD5)": model.modelHash,
    "training dataset": `s3://${trainDataset.bucket}/${trainDataset.key}`,
    "dataset hash": trainDataset.hash,
    "dataset version": trainDataset.versionId,
    "git commit": model.pipelineGitCommitHash,
  });
}

function caveatsOf<M>({ features, metadata }: Model<M>): string[] {
  const { interval, evaluation, rows, profile } = metadata;
  const { level, n } = objectOf(interval);
  const [share, measured] = [numberOf(level), numberOf(n)];
  const drawn = itemsOf(objectOf(evaluation).actual, Infinity).length;
  const heldOut = numberOf(objectOf(rows).test) ?? drawn;
  const ranges = features.slice(0, MAX_ROWS).flatMap((feature) => {
    if (feature.type !== "number" || own(own(profile, "features"), feature.name) === undefined) {
      return [];
    }
    const [least, most] = trainedRange(feature, profile);
    return [`${feature.name.replaceAll("_", " ")} ${formatNumber(least)} to ${formatNumber(most)}`];
  });
  const many = features.filter((feature) => countCategories(feature) > 12).map(({ name }) => name);
  return [
    "All figures are of the held-out rows of one dataset. They say nothing about later data.",
    ...(ranges.length === 0
      ? []
      : [`Inputs outside the training range are extrapolated. The range is ${ranges.join("; ")}.`]),
    ...(share === undefined || measured === undefined
      ? []
      : [
          `Intervals were measured on ${formatNumber(measured, 9)} held-out rows. They cover ${formatNumber(share * 100)} % of ` +
            "new rows overall, if these are like the held-out ones, but not of every subset.",
        ]),
    ...(drawn > 0 && heldOut > drawn
      ? [
          `The drawings of errors show ${formatNumber(drawn, 9)} of ${formatNumber(heldOut, 9)} held-out rows.`,
        ]
      : []),
    ...(many.length === 0 ? [] : [`Only the first 12 values of ${many.slice(0, 3).join(", ")} are drawn.`]),
  ];
}

function showTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
