import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getLatestCsvDatasetFromS3, Model, promoteModel } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, Target } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import { StageError } from "@ml-pipelines/pipeline-utils/stage";
import type { PreparedData, Sample, TrainStageOptions } from "@ml-pipelines/pipeline-utils/stage";
import { configureLogger } from "@ml-pipelines/pipeline-utils/logging";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import type { Table } from "apache-arrow";

import { passChampion } from "../../src/stage/train/champion.js";
import { readMetrics } from "../../src/stage/train/gate.js";
import { compareErrors } from "../../src/stage/train/paired-bound.js";
import type { TrainRun } from "../../src/stage/train/train-run.js";
import { growTree } from "../support/grow-tree.js";
import { seededRandom } from "../support/seeded-random.js";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";

const DRAWS = 400;
const GROWTHS = 60;
const PRODUCTS = 5;
/** A tree with this least leaf is about as good as any for these data. */
const GOOD_LEAF = 4;
/** A tree that memorises its rows: better on them, and worse on all others. */
const MEMORISING_LEAF = 1;

/** Orders as the sample dataset has them: hours grow with orders, each product at its own pace, with noise. */
function drawOrders(random: () => number, rows: number): Sample {
  const noise = (): number => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const product = Float64Array.from({ length: rows }, () => Math.floor(random() * PRODUCTS));
  const orders = Float64Array.from({ length: rows }, () => 1 + Math.floor(random() * 200));
  const target = product.map(
    (code, row) => 0.5 + 0.4 * code + (0.04 + 0.03 * code) * (orders[row] ?? NaN) + 0.6 * noise(),
  );
  return { columns: [product, orders], target };
}

function take({ columns, target }: Sample, rows: readonly number[]): Sample {
  const pick = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from(rows, (row) => values[row] ?? NaN);
  return { columns: columns.map(pick), target: pick(target) };
}

function errorsOf(tree: MlCartTree, { columns, target }: Sample): Float64Array {
  return target.map((actual, row) => {
    const input = columns.map((column) => column[row] ?? NaN);
    return Math.abs(actual - tree.root.classify(input));
  });
}

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Grow the tree with the least leaf by which its MAE on many rows is at least 1.25 times another's. */
function growWorse(champion: MlCartTree, trained: Sample, reference: Sample): MlCartTree {
  const limit = 1.25 * meanOf(errorsOf(champion, reference));
  for (let minLeaf = 2 * GOOD_LEAF; ; minLeaf += 1) {
    const tree = growTree(trained, minLeaf);
    if (meanOf(errorsOf(tree, reference)) >= limit) {
      return tree;
    }
  }
}

describe("the comparison of real trees on 200 held-out rows", () => {
  test("refuses at most 10 % of equal trees in 400 draws, and at least 90 % of those worse by 25 % in MAE", () => {
    const random = seededRandom(7);
    const reference = drawOrders(random, 2_000);
    let [equals, worse] = [0, 0];
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const champion = growTree(drawOrders(random, 800), GOOD_LEAF);
      const trained = drawOrders(random, 800);
      const held = drawOrders(random, 200);
      const [equal, worseTree] = [growTree(trained, GOOD_LEAF), growWorse(champion, trained, reference)];
      const errors = errorsOf(champion, held);
      equals += compareErrors(errors, errorsOf(equal, held)).isWorse ? 1 : 0;
      worse += compareErrors(errors, errorsOf(worseTree, held)).isWorse ? 1 : 0;
    }
    expect(equals / DRAWS).toBeLessThanOrEqual(0.1);
    expect(worse / DRAWS).toBeGreaterThanOrEqual(0.9);
  });
});

const FEATURES: readonly Feature[] = [
  { name: "product", type: "number", minimum: 0 },
  { name: "orders", type: "number", minimum: 0 },
];
const TARGET: Target = { name: "hours", type: "number", unit: "hours" };

/** Split a dataset 80/20. A shuffle with a fixed seed orders another number of rows in another way. */
function prepare(table: Table): PreparedData {
  const column = (name: string): Float64Array => Float64Array.from(table.getChild(name) ?? [], Number);
  const sample: Sample = { columns: [column("product"), column("orders")], target: column("hours") };
  const random = seededRandom(42 + sample.target.length);
  const keys = sample.target.map(() => random());
  const shuffled = [...keys.keys()].sort((a, b) => (keys[a] ?? NaN) - (keys[b] ?? NaN));
  const held = Math.floor(shuffled.length / 5);
  return {
    train: take(sample, shuffled.slice(held)),
    test: take(sample, shuffled.slice(0, held)),
    features: FEATURES,
  };
}

const STAGE: TrainStageOptions<MlCartTree> = {
  name: "dispatch",
  datasetName: "dispatch",
  logModule: "train",
  modelClass: dtRegression,
  target: TARGET,
  schema: { product: { type: "number" }, orders: { type: "number" }, hours: { type: "number" } },
  metrics: {},
  prepare,
  train: () => {
    throw new Error("the test trains by itself");
  },
};

describe("the gate where a dataset grows from 1,000 to 1,250 rows", () => {
  let s3: TestS3;
  beforeAll(async () => {
    s3 = await startTestS3();
  });
  afterAll(() => s3.stop());

  /** Put orders as a dataset, and read them as a training does. */
  async function putDataset(bucket: string, day: number, { columns, target }: Sample) {
    const key = `datasets/dispatch_2021-07-0${day}.csv`;
    const lines = [...target].map((hours, row) => `${columns.map((each) => each[row]).join(",")},${hours}\n`);
    await putPlain(s3.client, bucket, key, `product,orders,hours\n${lines.join("")}`);
    const { schema } = STAGE;
    return getLatestCsvDatasetFromS3(bucket, { folder: "datasets", schema, client: s3.client });
  }

  test("refuses no better tree, though the split is drawn anew", async () => {
    const log = configureLogger({ level: "error" });
    const { signal } = new AbortController();
    let [refused, refusedOnAllRows] = [0, 0];
    for (let draw = 0; draw < GROWTHS; draw += 1) {
      const bucket = await s3.bucket();
      const all = drawOrders(seededRandom(1_000 + draw), 1_250);
      const rows = Array.from({ length: 1_000 }, (_, row) => row);
      const old = await putDataset(bucket, 1, take(all, rows));
      const grown = await putDataset(bucket, 2, all);
      const modelOf = (tree: MlCartTree, trainDataset: typeof old, day: number): Model<MlCartTree> =>
        new Model({
          ...{ name: "dispatch", model: tree, modelClass: dtRegression, trainDataset },
          ...{ features: FEATURES, target: TARGET, metadata: {} },
          creationTime: new Date(Date.UTC(2026, 0, day)),
        });
      const champion = growTree(prepare(old.data).train, MEMORISING_LEAF);
      const put = { bucket, folder: "models", client: s3.client };
      const { key } = await modelOf(champion, old, 1).putModelToS3(put);
      const decision = { alias: "production", reason: "a test", client: s3.client };
      await promoteModel(bucket, "dispatch", key, decision);

      const data = prepare(grown.data);
      const better = growTree(data.train, GOOD_LEAF);
      const run: TrainRun<MlCartTree> = {
        ...{ options: STAGE, bucket, log, signal, metrics: readMetrics({}), thresholds: undefined },
        predict: (tree, row) => tree.root.classify(row),
        ...{ allowFuture: false, champion: "production", promote: undefined, ifNew: false },
        ...{ maxDrift: undefined, noteDataset: () => undefined },
      };
      const challenger = { model: modelOf(better, grown, 2), data };
      await passChampion(run, "production", challenger, s3.client).catch((error: unknown) => {
        expect(error).toBeInstanceOf(StageError);
        refused += 1;
      });
      const onAllRows = compareErrors(errorsOf(champion, data.test), errorsOf(better, data.test));
      refusedOnAllRows += onAllRows.isWorse ? 1 : 0;
    }
    expect(refused / GROWTHS).toBeLessThanOrEqual(0.05);
    // The rows that the champion has trained on would refuse nearly all.
    expect(refusedOnAllRows / GROWTHS).toBeGreaterThan(0.9);
  });
});
