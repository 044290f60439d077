import { describe, expect, test } from "@jest/globals";

import { Model } from "@ml-pipelines/pipeline-utils/aws";
import type { JsonObject, JsonValue } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { renderModelCard, renderMonitoringReport } from "@ml-pipelines/pipeline-utils/report";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import type { DriftVerdict, MonitoringResult } from "@ml-pipelines/pipeline-utils/monitoring";
import { sampleHours, sampleModel, signatureOf } from "@ml-pipelines/test-support/sample-model";
import { formatNumber, niceTicks } from "../../src/report/plot/ticks.js";
import { constant, properties } from "../support/constant-model.js";

const TARGET = { name: "hours_to_dispatch", type: "number", unit: "hours", minimum: 0 } as const;

/** The metadata that a training stage stores, for a tree of two products. */
function trainedMetadata(): JsonObject {
  const rows = Array.from({ length: 100 }, (_, row) => [row % 2, row] as const);
  const hours = rows.map(([product, orders]) => sampleHours(product, orders));
  const features = signatureOf(["SKU001", "SKU002"]);
  const columns = [0, 1].map((column) => rows.map((row) => row[column] ?? NaN));
  const profile = profileModel({
    ...{ features, target: TARGET, predictions: hours },
    train: { columns, target: hours },
  });
  return {
    metrics: { r_squared: 0.974, mean_absolute_error: 0.915 },
    rows: { train: 100, test: 2_000 },
    profile,
    evaluation: {
      actual: hours.map((value, row) => value + (row % 3) - 1),
      predicted: hours,
      feature: "product_code",
      groups: columns[0] ?? [],
    },
    interval: { level: 0.9, n: 2_000, q: 1.5 },
    importance: {
      metric: "mean_absolute_error",
      rows: 100,
      features: { product_code: 5.1, orders_placed: 2.5 },
    },
    gate: {
      metric: "r_squared",
      value: 0.974,
      better: "greater",
      error_threshold: 0.8,
      warning_threshold: 0.99,
    },
    checks: ["no prediction is negative"],
    search: {
      scoring: "r2",
      folds: 5,
      points: 1_620,
      best: { params: { maxDepth: 5, maxLeafNodes: null }, mean_test_score: 0.98, std_test_score: 0.01 },
      heat_map: {
        x: { name: "minSamplesLeaf", values: [2, 3] },
        y: { name: "maxDepth", values: [5, null] },
        scores: [
          [0.975, 0.871],
          [0.962, 0.853],
        ],
      },
    },
  };
}

function trainedModel(metadata: JsonObject = trainedMetadata()) {
  const { name, model, trainDataset, features, creationTime } = sampleModel({
    products: ["SKU001", "SKU002"],
  });
  return new Model({
    ...{ name, model, trainDataset, features, creationTime, metadata, target: TARGET },
    modelClass: dtRegression,
  });
}

const headings = (html: string): string[] =>
  [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading = ""]) => heading);
const captions = (html: string): string[] =>
  [...html.matchAll(/<figcaption><strong>(.*?)<\/strong>/g)].map(([, caption = ""]) => caption);

describe("renderModelCard", () => {
  test("shows purpose, metrics, errors, curves, gate, data, search, lineage and caveats", () => {
    const html = renderModelCard(trainedModel(), {
      modelClass: dtRegression,
      address: "s3://b/models/a.json",
    });
    expect(headings(html)).toEqual([
      "Purpose",
      "Metrics on held-out rows",
      "Errors",
      "Predictions",
      "Gate and checks",
      "Training data",
      "Search",
      "Lineage",
      "Caveats",
    ]);
    expect(captions(html)).toEqual([
      "Predicted against actual",
      "Errors by product code",
      "product code SKU001",
      "product code SKU002",
      "Importance of the features",
      "hours to dispatch, hours",
      "product code",
      "orders placed",
      "Mean scores",
    ]);
    for (const part of [
      "Predicts hours to dispatch, hours, from product code; orders placed.",
      "<dt>r squared</dt><dd>0.974</dd>",
      "The mean absolute error is 0.67, hours.",
      "SKU001: median 0, from -1 to 1; SKU002: median 0, from -1 to 1",
      "Shaded: the 90 % interval.",
      "<dt>needed to be kept</dt><dd>at least 0.8</dd>",
      "<dt>result</dt><dd>passed, with a warning</dd>",
      "<li>no prediction is negative</li>",
      "Mean scores from 0.853 to 0.975.",
      "<dt>maxLeafNodes</dt><dd>no limit</dd>",
      "<dt>file</dt><dd>s3://b/models/a.json</dd>",
      "<dt>dataset hash</dt><dd>759eccda4ceb7a07cda66ad4ef7cdfbc</dd>",
      "The range is orders placed 0 to 99.",
      "The drawings of errors show 100 of 2,000 held-out rows.",
    ]) {
      expect(html).toContain(part);
    }
  });

  test("gives the same bytes for the same model, runs no script and loads nothing", () => {
    const html = renderModelCard(trainedModel(), { modelClass: dtRegression });
    expect(renderModelCard(trainedModel(), { modelClass: dtRegression })).toBe(html);
    expect(html).not.toMatch(/<script|<img|\son\w+=|@import|url\(|https?:|NaN|undefined|Infinity/i);
    expect(
      html.match(/<svg viewBox="[ \d.]+" role="img"><title>[^<]+<\/title><desc>[^<]+<\/desc>/g),
    ).toHaveLength(9);
  });

  test("leaves out what a model does not have, without placeholders", () => {
    const html = renderModelCard(new Model({ ...properties, metadata: {} }), { modelClass: constant });
    expect(headings(html)).toEqual(["Purpose", "Lineage", "Caveats"]);
    expect(captions(html)).toEqual([]);
  });

  test("shows a table of classes for a model that predicts classes", () => {
    const target = { name: "is_late", type: "category", categories: ["punctual", "late"] } as const;
    const evaluation = { actual: ["late", "late", "punctual"], predicted: ["late", "punctual", "punctual"] };
    const html = renderModelCard(new Model({ ...properties, target, metadata: { evaluation } }));
    expect(captions(html)).toEqual(["Predicted against actual class"]);
    expect(html).toContain("2 of 3 held-out rows are predicted correctly.");
    expect(html).toContain("Predicts the class of is late, from product code; orders placed.");
  });

  test("escapes every text of a hostile model", () => {
    const bad = `</script></title><img src=x onerror="alert('1')">&\u0000`;
    const model = new Model({
      ...properties,
      features: [
        { name: bad, type: "category", categories: [bad, "b"], description: bad },
        { name: `${bad}2`, type: "number", unit: bad },
      ],
      target: { name: bad, type: "number", unit: bad },
      trainDataset: { bucket: bad, key: bad, hash: bad },
      metadata: {
        metrics: { [bad]: 1, __proto__: 2 },
        gate: { metric: bad, value: 1, error_threshold: 0 },
        checks: [bad],
        evaluation: {
          actual: [1, 2, 3, 4, 5],
          predicted: [1, 2, 3, 4, 5],
          feature: bad,
          groups: [0, 0, 0, 0, 0],
        },
        importance: { features: { [bad]: 1 } },
        search: {
          scoring: bad,
          best: { params: { [bad]: bad } },
          heat_map: { x: { name: bad, values: [bad] }, y: { name: bad, values: [bad] }, scores: [[1]] },
        },
      },
    });
    const html = renderModelCard(model, { address: bad });
    expect(captions(html)).toHaveLength(4);
    expect(html).not.toMatch(/<img|<\/script/);
    expect(html).not.toContain("\u0000");
    expect(html.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;/g)?.length).toBeGreaterThan(
      20,
    );
  });

  test("shows the rest of a model whose class throws, whose parameters are deep and whose range is huge", () => {
    let deep: JsonValue = 1;
    for (let depth = 0; depth < 10_000; depth += 1) {
      deep = [deep];
    }
    const metadata = { search: { best: { params: { deep } } } };
    const model = new Model({
      ...properties,
      features: [{ name: "n", type: "number", minimum: -1e308, maximum: 1e308 }],
      metadata,
    });
    const predict = (): number => {
      throw new Error("not my model");
    };
    const html = renderModelCard(model, { modelClass: { ...constant, predict } });
    expect(html).toContain("a deep array");
    expect(html).not.toContain("NaN");
    expect(renderModelCard(model, { modelClass: constant })).not.toContain("NaN");
  });

  test("stays below 1 MB for huge lists, texts and numbers, and draws no infinities", () => {
    const categories = Array.from({ length: 5_000 }, (_, index) => `category ${index} ${"x".repeat(150)}`);
    const many = Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? 1e308 : -1e308 + index));
    const model = new Model({
      ...properties,
      features: [
        { name: "c", type: "category", categories },
        ...Array.from({ length: 300 }, (_, index) => ({ name: `n${index}`, type: "number" }) as const),
      ],
      metadata: {
        metrics: Object.fromEntries(categories.map((name, index) => [name, index])),
        checks: categories,
        evaluation: { actual: many, predicted: many, feature: "c", groups: many },
        search: {
          heat_map: { x: { name: "x", values: many }, y: { name: "y", values: many }, scores: [many] },
        },
        profile: { features: { n0: { type: "number", deciles: [1e308, -1e308] } } },
        interval: { level: 1e308, q: 1e308, n: "many" },
      },
    });
    const html = renderModelCard(model, { modelClass: { ...constant, predict: () => 1e308 } });
    expect(html.length).toBeLessThan(1_000_000);
    expect(html).not.toMatch(/NaN|Infinity/);
  });
});

describe("renderMonitoringReport", () => {
  const estimate = (value: number) => ({ value, lower: value - 0.1, upper: value + 0.1 });
  const day = (date: string, verdict: DriftVerdict, counts: number[]): MonitoringResult["days"][number] => ({
    ...{
      day: date,
      modelKey: "models/a.json",
      modelHash: "0123456789abcdef",
      rows: 250,
      requests: 250,
      labelled: 200,
      coverage: 0.8,
    },
    ...{ rSquared: estimate(0.9), meanAbsoluteError: estimate(1.5) },
    drift: [
      {
        ...{ column: "orders_placed", verdict, requests: 250, index: 0.42, threshold: 0.1, outside: 3 },
        ...{ bins: ["12.5", "30", "+Inf"], reference: [20, 60, 20], counts },
      },
      {
        ...{ column: "product_code", verdict: "stable", requests: 250, index: 0, threshold: 0.1, outside: 0 },
        ...{ bins: ["SKU001", "SKU002"], reference: [50, 50], counts: [125, 125] },
      },
    ],
  });
  const empty = {
    modelKey: null,
    modelHash: null,
    rows: 0,
    requests: 0,
    labelled: 0,
    coverage: 0,
    rSquared: null,
  } as const;
  const result: MonitoringResult = {
    ...{
      bucket: "b",
      name: "time-to-dispatch",
      from: "2021-07-04",
      to: "2021-07-06",
      alerts: ["r-squared is low"],
    },
    labels: { key: "labels/hours_2021-07-07.csv", ids: 400, duplicates: 0, withoutPrediction: 5 },
    days: [
      day("2021-07-04", "stable", [50, 150, 50]),
      { ...empty, day: "2021-07-05", meanAbsoluteError: null, drift: [] },
      day("2021-07-06", "shifted", [0, 50, 200]),
    ],
  };

  test("shows alerts, errors and coverage by day, and the drift of each column", () => {
    const html = renderMonitoringReport(result);
    expect(headings(html)).toEqual(["Alerts", "Labels", "Error by day", "Drift", "Models"]);
    expect(captions(html)).toEqual([
      "Mean absolute error",
      "R-squared",
      "Predictions with a label",
      "orders placed",
      "product code",
    ]);
    for (const part of [
      "<li>r-squared is low</li>",
      "2021-07-04: 1.5; 2021-07-06: 1.5",
      "2021-07-04: 80 %; 2021-07-06: 80 %",
      "<td>0.9 (0.8 to 1)</td>",
      // The counts of both days, 50, 200 and 250 of 500.
      "up to 12.5: 20 %, now 10 %; 12.5 to 30: 60 %, now 40 %; above 30: 20 %, now 50 %",
      "Drift on 1 of 2 days.",
      "<td>shifted</td><td>250</td><td>0.42</td>",
    ]) {
      expect(html).toContain(part);
    }
  });

  test("says that there is no alert, escapes hostile texts, and draws nothing without predictions", () => {
    const html = renderMonitoringReport({
      ...result,
      name: "<img>",
      alerts: [],
      days: result.days.slice(1, 2),
    });
    expect(html).toContain('<p class="good">No alert.</p>');
    expect(html).not.toMatch(/<img|<svg|NaN|undefined/);
    expect(headings(html)).toEqual(["Alerts", "Labels", "Error by day"]);
  });
});

test.each([
  [0, 1, 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0, 1, 3, [0, 0.5, 1]],
  [0, 10, 4, [0, 2, 4, 6, 8, 10]],
  [0, 10, 3, [0, 5, 10]],
  [-10, 10, 5, [-10, -5, 0, 5, 10]],
  [-10, 10, 2, [-10, 0, 10]],
  [3, 3, 5, [3]],
  [-Infinity, 1, 5, []],
])("divides %d to %d into about %d round steps, as d3 does", (minimum, maximum, count, ticks) => {
  expect(niceTicks(minimum, maximum, count)).toEqual(ticks);
});

test("shows numbers as people read them", () => {
  expect([0, 0.25, 12_500, 3.4028e38, -0.00001].map((value) => formatNumber(value, 6))).toEqual([
    "0",
    "0.25",
    "12,500",
    "3.4e+38",
    "-1e-5",
  ]);
});
