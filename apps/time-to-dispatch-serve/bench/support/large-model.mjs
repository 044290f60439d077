import { Model } from "@ml-pipelines/pipeline-utils";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";

/** A generator of numbers in [0, 1), the same for a seed. @param {number} seed */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A model of many nodes. Numbers have all their digits, so a file of 8 MiB has 131,071 of them.
 *
 * @param {number} leaves
 * @param {number} seed
 */
export function largeModel(leaves, seed) {
  const random = randomNumbers(seed);
  /** @param {number} count @returns {object} */
  const node = (count) => {
    if (count === 1) {
      return { distribution: random() * 100 };
    }
    const below = count >> 1;
    const splitColumn = random() < 0.3 ? 0 : 1;
    const splitValue = splitColumn === 0 ? random() * 5 : random() * 1_000;
    return { splitColumn, splitValue, left: node(below), right: node(count - below) };
  };
  const json = JSON.parse(JSON.stringify({ name: "DTRegression", options: {}, root: node(leaves) }));
  return new Model({
    name: "time-to-dispatch",
    model: dtRegression.fromJSON(json),
    modelClass: dtRegression,
    trainDataset: { bucket: "attack", key: "datasets/none_2026-01-01.csv", hash: "none" },
    features: [
      {
        name: "product_code",
        type: "category",
        categories: ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"],
      },
      { name: "orders_placed", type: "number", minimum: 0 },
    ],
    target: { name: "hours_to_dispatch", type: "number", unit: "hours" },
  });
}
