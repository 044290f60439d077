import type { NumberFeature } from "../aws/models/feature.js";
import type { Model } from "../aws/models/model.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { columnOfFewestCategories, countCategories, decodeValue } from "../aws/models/row.js";
import { predictionInterval } from "../monitoring/interval.js";
import { trainedRange, typicalRow } from "../monitoring/typical-row.js";
import { figure, inWords } from "./html-page.js";
import { numberOf } from "./json.js";
import { drawCurve } from "./plot/charts.js";
import { formatNumber } from "./plot/ticks.js";

/** Number features that are drawn, in column order. */
const MAX_FEATURES = 3;
/** Values of the category feature that are drawn. */
const MAX_LINES = 12;
/** More steps than a drawing has pixels for. */
const MAX_STEPS = 200;

interface Line {
  readonly name: string;
  readonly values: readonly number[];
  readonly band: { readonly low: readonly number[]; readonly high: readonly number[] } | undefined;
}

/**
 * The prediction against each number feature, with its interval: a drawing for each value of the category or boolean feature with the
 * fewest values. Other features are at their median or most frequent value.
 *
 * @returns Nothing for classes, for models that do not predict or throw, and for predictions that are no finite numbers.
 */
export function curveFigures<M>(model: Model<M>, modelClass: ModelClass<M> | undefined): string[] {
  const { features, target } = model;
  if (modelClass?.predict === undefined || target?.type === "category") {
    return [];
  }
  return features
    .flatMap((feature, column) => (feature.type === "number" ? [{ feature, column }] : []))
    .slice(0, MAX_FEATURES)
    .flatMap(({ feature, column }) => {
      try {
        return figuresOf(model, modelClass, feature, column);
      } catch {
        // The class's own code throws for a model that it cannot predict with. The other sections are true all the same.
        return [];
      }
    });
}

function figuresOf<M>(
  model: Model<M>,
  modelClass: ModelClass<M>,
  feature: NumberFeature,
  column: number,
): string[] {
  const { features, target, metadata } = model;
  const range = trainedRange(feature, metadata.profile);
  const { steps, isStepped } = stepsOf(model, modelClass, { column, range });
  const typical = typicalRow(features, metadata.profile);
  const groupColumn = columnOfFewestCategories(features);
  const group = features[groupColumn];
  const rows =
    group === undefined
      ? [{ name: inWords(feature), row: typical }]
      : Array.from({ length: Math.min(countCategories(group), MAX_LINES) }, (_, index) => ({
          name: `${group.name.replaceAll("_", " ")} ${String(decodeValue(group, index))}`,
          row: typical.with(groupColumn, index),
        }));
  const lines = rows.map(({ name, row }) => predictLine(model, modelClass, { name, row, column, steps }));
  const known = lines.filter((line) => line !== undefined);
  const bounds = known.flatMap(({ values, band }) => [
    ...values,
    ...(band?.low ?? []),
    ...(band?.high ?? []),
  ]);
  const yRange = [Math.min(0, ...bounds), Math.max(...bounds)] as const;
  const unit = target === undefined ? "prediction" : inWords(target);
  return known.map(({ name, values, band }) =>
    figure(
      name,
      drawCurve({
        title: `Prediction against ${inWords(feature)}, ${name}`,
        summary: summarise(values, steps),
        ...{ steps, values, band, isStepped, xRange: range, yRange },
        xLabel: inWords(feature),
        yLabel: unit,
      }),
      intervalNote(metadata.interval, band !== undefined),
    ),
  );
}

function stepsOf<M>(
  { model }: Model<M>,
  modelClass: ModelClass<M>,
  { column, range: [least, most] }: { readonly column: number; readonly range: readonly [number, number] },
): { steps: number[]; isStepped: boolean } {
  if (modelClass.breakpoints === undefined) {
    const steps = Array.from(
      { length: MAX_STEPS },
      (_, index) => least + ((most - least) * index) / (MAX_STEPS - 1),
    );
    return { steps, isStepped: false };
  }
  const inside = modelClass.breakpoints(model, column).filter((value) => value > least && value < most);
  const stride = Math.ceil((inside.length + 1) / MAX_STEPS);
  return { steps: [least, ...inside].filter((_, index) => index % stride === 0), isStepped: true };
}

function predictLine<M>(
  { model, features, target, metadata }: Model<M>,
  modelClass: ModelClass<M>,
  {
    name,
    row,
    column,
    steps,
  }: {
    readonly name: string;
    readonly row: readonly number[];
    readonly column: number;
    readonly steps: readonly number[];
  },
): Line | undefined {
  const values: number[] = [];
  const low: number[] = [];
  const high: number[] = [];
  for (const step of steps) {
    const input = row.with(column, step);
    const prediction = numberOf(modelClass.predict?.(model, input));
    if (prediction === undefined) {
      return undefined;
    }
    values.push(prediction);
    const interval = predictionInterval(metadata.interval, { features, target, row: input, prediction });
    const [lower, upper] = [numberOf(interval?.low), numberOf(interval?.high)];
    if (lower !== undefined && upper !== undefined) {
      low.push(lower);
      high.push(upper);
    }
  }
  return { name, values, band: low.length === values.length ? { low, high } : undefined };
}

function summarise(values: readonly number[], steps: readonly number[]): string {
  const [first = NaN, last = NaN] = [values[0], values.at(-1)];
  return (
    `${formatNumber(first)} at ${formatNumber(steps[0] ?? NaN)}, ` +
    `${formatNumber(last)} from ${formatNumber(steps.at(-1) ?? NaN)} on.`
  );
}

function intervalNote(interval: Parameters<typeof predictionInterval>[0], isDrawn: boolean): string {
  const level =
    typeof interval === "object" && interval !== null && "level" in interval ? interval.level : null;
  const share = numberOf(level);
  return isDrawn && share !== undefined ? `Shaded: the ${formatNumber(share * 100)} % interval.` : "";
}
