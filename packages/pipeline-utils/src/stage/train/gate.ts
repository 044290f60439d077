import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import { accuracy, meanAbsoluteError, rSquared } from "../../monitoring/metrics.js";
import type { Score } from "../../monitoring/metrics.js";
import type { Logger } from "../../logging/logger.js";
import { StageError } from "../program/errors.js";
import type { MetricOptions } from "./train-options.js";

/** One metric, with all defaults filled in. */
export interface Metric {
  readonly name: string;
  readonly label: string;
  readonly better: MetricOptions["better"];
  readonly score: Score;
  /** Upper bound of the metric, for thresholds; undefined if it has none. */
  readonly maximum: number | undefined;
  /**
   * Whether the metric is built in. Thresholds of built-in metrics must be positive, as they are for every useful
   * model.
   */
  readonly isBuiltIn: boolean;
}

/** The metrics of a stage, and the one whose thresholds decide about the model. */
export interface Metrics {
  readonly all: readonly Metric[];
  readonly gated: Metric | undefined;
}

/** The two bounds of the gated metric. */
export interface Thresholds {
  /** A model with a worse value is not stored. */
  readonly error: number;
  /** A model with a worse value is stored, with a warning. */
  readonly warning: number;
}

const BUILT_IN: Readonly<Record<string, Pick<Metric, "label" | "score" | "maximum">>> = {
  r_squared: { label: "r-squared", score: rSquared, maximum: 1 },
  mean_absolute_error: { label: "MAE", score: meanAbsoluteError, maximum: undefined },
  accuracy: { label: "accuracy", score: accuracy, maximum: 1 },
};

const BETTER: readonly unknown[] = ["greater", "less"] satisfies MetricOptions["better"][];

const METRIC_OPTIONS: OptionKinds<MetricOptions> = {
  better: "other",
  gate: "boolean",
  score: "function",
  label: "text",
};

/**
 * Fill in the defaults of a stage's metrics.
 *
 * @throws {TypeError} A metric has an unknown option or one of the wrong type, in a caller without types. A metric that is not built in has no `score`, or more than one is gated.
 */
export function readMetrics(options: Readonly<Record<string, MetricOptions>>): Metrics {
  const all = Object.entries(options).map(([name, metric]): Metric => {
    checkOptions(metric, METRIC_OPTIONS, `metric ${name}`);
    const { better, score, label } = metric;
    if (!BETTER.includes(better)) {
      throw argumentError(`metric ${name}.better`, better, "'greater' or 'less'");
    }
    const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
    const chosen = score ?? builtIn?.score;
    if (chosen === undefined) {
      throw new TypeError(
        `metric ${name} has no score: expected a function, or one of ${Object.keys(BUILT_IN).join(", ")}`,
      );
    }
    const shownName = label ?? builtIn?.label ?? name.replaceAll("_", "-");
    return {
      ...{ name, label: shownName, better, score: chosen },
      maximum: builtIn?.maximum,
      isBuiltIn: builtIn !== undefined,
    };
  });
  const gated = all.filter(({ name }) => options[name]?.gate === true);
  if (gated.length > 1) {
    throw new TypeError(`metrics ${gated.map(({ name }) => name).join(" and ")} are gated, expected one`);
  }
  return { all, gated: gated[0] };
}

/** Warn of a threshold that can never have an effect, because the call must be a mistake. */
export function warnOfThresholds({ gated }: Metrics, thresholds: Thresholds | undefined, log: Logger): void {
  if (
    gated !== undefined &&
    thresholds !== undefined &&
    isWorse(gated, thresholds.warning, thresholds.error)
  ) {
    log.warn(
      `The warning threshold ${thresholds.warning} is ${worseSide(gated)} the error threshold ` +
        `${thresholds.error}: it can never fire.`,
    );
  }
}

/**
 * The gate: compare the gated metric with its thresholds.
 *
 * @param scores - By name of the metric.
 * @throws {StageError} The value is worse than the error threshold. The program then ends with 2, and stores no model.
 */
export function passGate(
  { gated }: Metrics,
  thresholds: Thresholds | undefined,
  scores: Readonly<Record<string, number>>,
  log: Logger,
): void {
  if (gated === undefined || thresholds === undefined) {
    return;
  }
  const { label, name } = gated;
  const { error, warning } = thresholds;
  const value = scores[name] ?? NaN;
  if (isWorse(gated, value, error)) {
    const shown = showWorse(gated, value, error);
    throw new StageError(`${label} metric (${shown}) is ${worseSide(gated)} deployment threshold ${error}`);
  }
  if (isWorse(gated, value, warning)) {
    const shown = `${label}=${showWorse(gated, value, warning)}`;
    log.warn(
      `Metrics breached warning threshold - check for drift: ${shown} is ${worseSide(gated)} ${warning}`,
    );
  }
}

/** The gated metric and its thresholds for the model's metadata. undefined if no metric is gated. */
export function describeGate(
  { gated }: Metrics,
  thresholds: Thresholds | undefined,
  scores: Readonly<Record<string, number>>,
): JsonObject | undefined {
  if (gated === undefined || thresholds === undefined) {
    return undefined;
  }
  const { name: metric, better } = gated;
  const { error, warning } = thresholds;
  return {
    metric,
    value: scores[metric] ?? null,
    better,
    error_threshold: error,
    warning_threshold: warning,
  };
}

/** Whether one value of a metric is worse than another. NaN is worse than any number. */
export function isWorse({ better }: Metric, value: number, bound: number): boolean {
  return !(better === "greater" ? value >= bound : value <= bound);
}

/** The word for the worse side of a bound, in messages. */
export function worseSide({ better }: Metric): "below" | "above" {
  return better === "greater" ? "below" : "above";
}

/** A value with three decimals; with all decimals if the rounded value would not look worse than the bound. */
export function showWorse(metric: Metric, value: number, bound: number): string {
  const rounded = value.toFixed(3);
  return isWorse(metric, Number(rounded), bound) ? rounded : String(value);
}
