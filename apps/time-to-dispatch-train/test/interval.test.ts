import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import { conformalInterval } from "@ml-pipelines/pipeline-utils/monitoring";
import { expect, test } from "@jest/globals";

/** Numbers in [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Rows of product, orders and hours. The error grows with the orders, and is not normal. */
function makeRows(rows: number, random: () => number) {
  const product = Float64Array.from({ length: rows }, () => Math.floor(random() * 5));
  const orders = Float64Array.from({ length: rows }, () => Math.floor(random() * 150));
  const hours = orders.map((placed, row) => {
    const error = (random() + random() + random() ** 4 * 3 - 1.6) * (1 + placed / 50);
    return Math.max(0, 1 + (0.1 + 0.02 * (product[row] ?? 0)) * placed + error);
  });
  return { columns: [product, orders], hours };
}

const errorsOf = (actual: Float64Array, predicted: Float64Array) =>
  actual.map((value, row) => Math.abs(value - (predicted[row] ?? NaN)));

test("covers 90 % of new rows within 1 %, in the mean of 40 datasets of 1,000 rows", () => {
  const random = generator(20_260_101);
  const coverages = Array.from({ length: 40 }, () => {
    const train = makeRows(800, random);
    const held = makeRows(200, random);
    const fresh = makeRows(1_000, random);
    const tree = new DecisionTreeRegressor({ minSamplesLeaf: 4 }).fit(train.columns, train.hours);
    const { q } = conformalInterval(errorsOf(held.hours, tree.predict(held.columns)), 0.9);
    const errors = errorsOf(fresh.hours, tree.predict(fresh.columns));
    return errors.filter((error) => error <= q).length / errors.length;
  });
  const mean = coverages.reduce((sum, coverage) => sum + coverage, 0) / coverages.length;
  expect(mean).toBeGreaterThan(0.89);
  expect(mean).toBeLessThan(0.91);
  expect(Math.min(...coverages)).toBeGreaterThan(0.8);
});
