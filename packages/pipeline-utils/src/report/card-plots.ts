import { showJson } from "../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../aws/models/json-value.js";
import type { Model } from "../aws/models/model.js";
import { countCategories, decodeValue } from "../aws/models/row.js";
import { fields, figure, figures, inWords } from "./html-page.js";
import { itemsOf, numberOf, numbersOf, objectOf } from "./json.js";
import { drawBars, drawHeatMap, drawPoints, drawRanges } from "./plot/charts.js";
import type { PlottedRange } from "./plot/charts.js";
import { formatNumber } from "./plot/ticks.js";

/** Held-out rows that are drawn. Training keeps as many. */
const MAX_POINTS = 1_000;
/** Groups, classes or features of one drawing. */
const MAX_NAMES = 20;
/** Rows and columns of a heat map. */
const MAX_CELLS = 20;

/** A group of fewer rows has no deciles worth drawing. */
const MIN_GROUP_ROWS = 5;

/** The predictions for the held-out rows against the true values, and the errors by group. */
export function errorFigures<M>(model: Model<M>): string[] {
  const { evaluation } = model.metadata;
  return model.target?.type === "category"
    ? [confusionFigure(evaluation, model.target.categories)]
    : [predictedFigure(model), residualFigure(model)];
}

interface EvaluatedRow {
  readonly actual: number;
  readonly predicted: number;
  readonly group: number | undefined;
}

function evaluatedRows(evaluation: JsonValue | undefined): EvaluatedRow[] {
  const { actual, predicted, groups } = objectOf(evaluation);
  const [predictions, indexes] = [itemsOf(predicted, MAX_POINTS), itemsOf(groups, MAX_POINTS)];
  return itemsOf(actual, MAX_POINTS).flatMap((value, index) => {
    const [truth, prediction] = [numberOf(value), numberOf(predictions[index])];
    return truth === undefined || prediction === undefined
      ? []
      : [{ actual: truth, predicted: prediction, group: numberOf(indexes[index]) }];
  });
}

function predictedFigure<M>({ target, metadata }: Model<M>): string {
  const rows = evaluatedRows(metadata.evaluation);
  if (rows.length === 0) {
    return "";
  }
  const unit = target?.unit === undefined ? "" : `, ${target.unit}`;
  const errors = rows.map(({ actual, predicted }) => Math.abs(actual - predicted));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return figure(
    "Predicted against actual",
    drawPoints({
      title: "Predicted against actual",
      summary: `${formatNumber(rows.length)} held-out rows. The mean absolute error is ${formatNumber(mean)}${unit}.`,
      x: rows.map(({ actual }) => actual),
      y: rows.map(({ predicted }) => predicted),
      xLabel: `actual${unit}`,
      yLabel: `predicted${unit}`,
    }),
    "Each dot is a held-out row. On the dashed line, both are equal.",
  );
}

function residualFigure<M>({ features, target, metadata }: Model<M>): string {
  const { feature: name } = objectOf(metadata.evaluation);
  const feature = features.find((each) => each.name === name);
  if (feature === undefined || countCategories(feature) === 0) {
    return "";
  }
  const rows = evaluatedRows(metadata.evaluation);
  const ranges = Array.from({ length: Math.min(countCategories(feature), MAX_NAMES) }, (_, index) =>
    rangeOf(
      String(decodeValue(feature, index)),
      rows.filter(({ group }) => group === index).map(({ actual, predicted }) => predicted - actual),
    ),
  ).filter((range) => range !== undefined);
  if (ranges.length === 0) {
    return "";
  }
  const title = `Errors by ${feature.name.replaceAll("_", " ")}`;
  return figure(
    title,
    drawRanges({
      title,
      summary: ranges
        .map(({ name: group, low, middle, high }) => {
          return `${group}: median ${formatNumber(middle, 2)}, from ${formatNumber(low, 2)} to ${formatNumber(high, 2)}`;
        })
        .join("; "),
      ranges,
      nameLabel: inWords(feature),
      valueLabel: `predicted − actual${target?.unit === undefined ? "" : `, ${target.unit}`}`,
      reference: 0,
    }),
    "Dot: median. Thick line: the middle half of the rows. Thin line: the middle 80 %.",
  );
}

function rangeOf(name: string, values: readonly number[]): PlottedRange | undefined {
  if (values.length < MIN_GROUP_ROWS) {
    return undefined;
  }
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? NaN;
  return { name, low: at(0.1), inner: [at(0.25), at(0.75)], middle: at(0.5), high: at(0.9) };
}

function confusionFigure(evaluation: JsonValue | undefined, classes: readonly string[]): string {
  const { actual, predicted } = objectOf(evaluation);
  const predictions = itemsOf(predicted, MAX_POINTS);
  const names = classes.slice(0, MAX_NAMES);
  const counts = names.map(() => names.map(() => 0));
  for (const [index, truth] of itemsOf(actual, MAX_POINTS).entries()) {
    const [row, column] = [
      names.findIndex((name) => name === truth),
      names.findIndex((name) => name === predictions[index]),
    ];
    const cells = counts[row];
    if (cells !== undefined && column >= 0) {
      cells[column] = (cells[column] ?? 0) + 1;
    }
  }
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return "";
  }
  const right = counts.reduce((sum, cells, index) => sum + (cells[index] ?? 0), 0);
  return figure(
    "Predicted against actual class",
    drawHeatMap({
      title: "Predicted against actual class",
      summary: `${formatNumber(right)} of ${formatNumber(total)} held-out rows are predicted correctly.`,
      ...{ xLabel: "predicted", yLabel: "actual", xNames: names, yNames: names, values: counts },
    }),
    "Each cell counts held-out rows.",
  );
}

/** The rise of the error when one feature is shuffled. */
export function importanceFigure<M>({ features, target, metadata }: Model<M>): string {
  const { features: rises, metric } = objectOf(metadata.importance);
  const known = numbersOf(rises, 1_000).filter(([name]) => features.some((feature) => feature.name === name));
  if (known.length === 0) {
    return "";
  }
  const shown = known.sort(([, a], [, b]) => b - a).slice(0, MAX_NAMES);
  const unit = metric === "mean_absolute_error" && target?.unit !== undefined ? `, ${target.unit}` : "";
  return figure(
    "Importance of the features",
    drawBars({
      title: "Importance of the features",
      summary: shown.map(([name, rise]) => `${name}: ${formatNumber(rise)}`).join("; "),
      names: shown.map(([name]) => name.replaceAll("_", " ")),
      nameLabel: "",
      valueLabel: `rise of the error${unit}`,
      series: [shown.map(([, rise]) => rise)],
    }),
    "The rise of the mean error on held-out rows when the values of one feature are shuffled among them.",
  );
}

/** The search for parameters: its best point, and a heat map of mean scores. */
export function searchSection(search: JsonValue | undefined): string[] {
  const { scoring, folds, points, best, heat_map: heatMap } = objectOf(search);
  const { params, mean_test_score: mean, std_test_score: deviation } = objectOf(best);
  const [score, spread, tried, parts] = [mean, deviation, points, folds].map(numberOf);
  const chosen = Object.entries(objectOf(params)).slice(0, MAX_NAMES);
  return [
    fields({
      ...Object.fromEntries(chosen.map(([name, value]): [string, string] => [name, showParameter(value)])),
      scoring: typeof scoring === "string" ? scoring : undefined,
      "mean score": score === undefined ? undefined : formatNumber(score),
      "standard deviation": spread === undefined ? undefined : formatNumber(spread, 3),
      "points tried": tried === undefined ? undefined : formatNumber(tried, 9),
      folds: parts === undefined ? undefined : formatNumber(parts),
    }),
    figures([heatMapFigure(objectOf(heatMap))]),
  ];
}

function showParameter(value: JsonValue): string {
  if (typeof value === "string") {
    return value;
  }
  return value === null ? "no limit" : showJson(value);
}

function namesOf(values: JsonValue | undefined): string[] {
  return itemsOf(values, MAX_CELLS).map(showParameter);
}

function heatMapFigure({ x, y, scores }: JsonObject): string {
  const [across, down] = [objectOf(x), objectOf(y)];
  const [xNames, yNames] = [namesOf(across.values), namesOf(down.values)];
  const values = itemsOf(scores, MAX_CELLS).map((row) =>
    itemsOf(row, MAX_CELLS).map((score) => numberOf(score) ?? NaN),
  );
  const isComplete = values.length === yNames.length && values.every((row) => row.length === xNames.length);
  const present = values.flat().filter((value) => !Number.isNaN(value));
  if (!isComplete || present.length === 0) {
    return "";
  }
  const labelOf = ({ name }: JsonObject): string => (typeof name === "string" ? name : "");
  return figure(
    "Mean scores",
    drawHeatMap({
      title: "Mean scores of the search",
      summary: `Mean scores from ${formatNumber(Math.min(...present))} to ${formatNumber(Math.max(...present))}.`,
      ...{ xLabel: labelOf(across), yLabel: labelOf(down), xNames, yNames, values },
    }),
    "Each cell is the best mean score of all points with its two parameters.",
  );
}
