// npm run bench -- onnx [--rows 100000]
// Compares the predictions of trees with those of their ONNX files in onnxruntime-node, bit for bit. Every second of the
// random rows has a value on a threshold or beside one. Rows with an unseen category must be errors. onnxruntime-node
// (288 MB) is installed into a folder of its own, which is removed at the end. Exit code 1: a prediction differs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import { Model } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression, toOnnx } from "@ml-pipelines/pipeline-utils/ml-cart";

const RUNTIME = "onnxruntime-node@1.30.0";
const TRAINING_ROWS = 2_000;
const ROWS_PER_CALL = 5_000;

/** @typedef {import("@ml-pipelines/pipeline-utils/aws").Feature} Feature */

/** @type {readonly Feature[]} */
const FEATURES = [
  { name: "product_code", type: "category", categories: Array.from({ length: 30 }, (_, i) => `SKU${i} „é“`) },
  { name: "orders_placed", type: "number", minimum: 0 },
  { name: "express", type: "boolean" },
  { name: "temperature", type: "number" },
  { name: "size", type: "category", categories: ["S"] },
];

let state = 1;
/** A number in [0, 1), the same in every run. */
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
/** @param {readonly number[]} values */
const pick = (values) => values[Math.floor(random() * values.length)] ?? 0;

/** @param {Feature} feature */
function randomValue(feature) {
  switch (feature.type) {
    case "category":
      return Math.floor(random() * feature.categories.length);
    case "boolean":
      return Math.floor(random() * 2);
    case "number":
      return feature.minimum === undefined
        ? (random() - 0.5) * 10 ** Math.floor(random() * 12 - 4)
        : Math.round(random() * 300);
  }
}

/** A double and its neighbours, each as it is and as a 32-bit float. @param {number} threshold */
function around(threshold) {
  const near = [1 - 2 ** -23, 1 - 2 ** -52, 1, 1 + 2 ** -52, 1 + 2 ** -23].map(
    (factor) => threshold * factor,
  );
  return pick([...near, ...near.map(Math.fround)]);
}

/** @param {import("@ml-pipelines/decision-tree").DecisionTreeRegressor} regressor @returns {import("@ml-pipelines/pipeline-utils/aws").Model<import("@ml-pipelines/pipeline-utils/ml-cart").MlCartTree>} */
const modelOf = (regressor) =>
  new Model({
    name: "hours",
    model: regressor.toMlCart(),
    modelClass: dtRegression,
    trainDataset: { bucket: "none", key: "none_2026-01-01.csv", hash: "none" },
    features: FEATURES,
    target: { name: "hours_to_dispatch", type: "number" },
  });

function trainedModels() {
  const columns = FEATURES.map((feature) =>
    Float64Array.from({ length: TRAINING_ROWS }, () => randomValue(feature)),
  );
  const hours = Float64Array.from({ length: TRAINING_ROWS }, (_, row) => {
    return columns.reduce(
      (sum, column, index) => sum + Math.sin((column[row] ?? 0) * (index + 1)),
      random() * 3,
    );
  });
  return [
    new DecisionTreeRegressor().fit(columns, hours),
    new DecisionTreeRegressor({ criterion: "absolute_error", minSamplesLeaf: 3 }).fit(columns, hours),
    new DecisionTreeRegressor({ maxDepth: 1 }).fit(columns, hours),
    new DecisionTreeRegressor().fit(columns, hours.fill(7)),
  ].map((regressor) => ({ regressor, model: modelOf(regressor) }));
}

/** @param {import("@ml-pipelines/decision-tree").DecisionTreeRegressor} regressor @param {number} count */
function makeRows({ tree: { feature, threshold } }, count) {
  return Array.from({ length: count }, (_, index) => {
    const row = FEATURES.map(randomValue);
    const node = Math.floor(random() * feature.length);
    const column = feature[node] ?? -1;
    if (index % 2 === 0 && FEATURES[column]?.type === "number") {
      row[column] = around(threshold[node] ?? 0);
    }
    return row;
  });
}

/** The inputs of a session: a tensor of shape (rows, 1) for each feature. @param {any} Tensor @param {readonly number[][]} rows @param {string} [unseen] */
function feedsOf(Tensor, rows, unseen) {
  const shape = [rows.length, 1];
  return Object.fromEntries(
    FEATURES.map((feature, column) => {
      const values = rows.map((row) => row[column] ?? NaN);
      switch (feature.type) {
        case "category": {
          const names = values.map(
            (value) => (column === 0 ? unseen : undefined) ?? feature.categories[value] ?? "",
          );
          return [feature.name, new Tensor("string", names, shape)];
        }
        case "boolean":
          return [feature.name, new Tensor("bool", Uint8Array.from(values), shape)];
        case "number":
          return [feature.name, new Tensor("float64", Float64Array.from(values), shape)];
      }
    }),
  );
}

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" } } });
const folder = mkdtempSync(path.join(tmpdir(), "onnxruntime-"));
try {
  writeFileSync(path.join(folder, "package.json"), "{}");
  // Without scripts: they would download libraries for graphics cards.
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", RUNTIME], {
    cwd: folder,
  });
  const { InferenceSession, Tensor } = createRequire(path.join(folder, "package.json"))("onnxruntime-node");
  const models = trainedModels();
  let [compared, different, accepted, unseenRows] = [0, 0, 0, 0];
  for (const { regressor, model } of models) {
    const session = await InferenceSession.create(toOnnx(model), { logSeverityLevel: 4 });
    const count = Math.ceil(Number(values.rows) / models.length);
    for (let done = 0; done < count; done += ROWS_PER_CALL) {
      const rows = makeRows(regressor, Math.min(ROWS_PER_CALL, count - done));
      const answers = (await session.run(feedsOf(Tensor, rows))).hours_to_dispatch.data;
      rows.forEach((row, index) => {
        different += Object.is(dtRegression.predict?.(model.model, row), answers[index]) ? 0 : 1;
      });
      compared += rows.length;
    }
    for (const unseen of ["", "SKU999", "SKU0"]) {
      for (const row of makeRows(regressor, 100)) {
        unseenRows += 1;
        // The same row with its own category is no error.
        await session.run(feedsOf(Tensor, [row]));
        accepted += await session.run(feedsOf(Tensor, [row], unseen)).then(
          () => 1,
          () => 0,
        );
      }
    }
  }
  const trees = models.map(({ regressor }) => regressor.tree.feature.length).join(", ");
  console.log(`${RUNTIME}: trees of ${trees} nodes`);
  console.log(`${compared} rows compared, ${different} predictions differ`);
  console.log(`${unseenRows} rows with an unseen category, ${accepted} accepted`);
  process.exitCode = different + accepted === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
