import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";

const regressor = new DecisionTreeRegressor({ maxDepth: 2, criterion: "absolute_error" }).fit(
  [[1, 2, 3, 4]],
  [0, 1, 10, 12],
);
const json = regressor.toJSON();

describe("DecisionTreeRegressor.fromJSON", () => {
  test("restores the same regressor", () => {
    const copy = DecisionTreeRegressor.fromJSON(JSON.parse(JSON.stringify(regressor)));
    expect(copy.params).toEqual(regressor.params);
    expect(copy.tree).toEqual(regressor.tree);
  });

  test("keeps the unknown impurities of a tree from ml-cart as null", () => {
    const loaded = DecisionTreeRegressor.fromMlCart(regressor.toMlCart(), 1);
    expect(loaded.toJSON().impurity).toEqual(json.impurity.map(() => null));
    expect(DecisionTreeRegressor.fromJSON(JSON.parse(JSON.stringify(loaded))).tree).toEqual(loaded.tree);
  });

  test.each([
    [null, "the tree is no object"],
    [[], "the tree's format is not decision-tree/regressor, version 1"],
    [{ ...json, formatVersion: 2 }, "the tree's format is not decision-tree/regressor, version 1"],
    [{ ...json, featureCount: 0 }, "featureCount is not an integer from 1 to 1,048,576"],
    [{ ...json, featureCount: 2 ** 20 + 1 }, "featureCount is not an integer from 1 to 1,048,576"],
    [{ ...json, feature: [] }, "the tree has no nodes"],
    [{ ...json, feature: "0" }, "feature is no array"],
    [{ ...json, feature: json.feature.with(0, 1) }, "feature of node 0 is 1, which is not allowed there"],
    [{ ...json, left: json.left.slice(1) }, "left has 6 elements, expected 7"],
    [{ ...json, left: json.left.with(0, 0) }, "left of node 0 is 0, which is not allowed there"],
    [{ ...json, right: json.right.with(0, 7) }, "right of node 0 is 7, which is not allowed there"],
    [{ ...json, right: json.right.with(0, 1) }, "node 1 has two parents"],
    [{ ...json, left: json.left.with(2, 3) }, "left of node 2 is 3, which is not allowed there"],
    [{ ...json, threshold: json.threshold.with(0, Number.NaN) }, "threshold of node 0 is null"],
    [{ ...json, value: [null, ...json.value.slice(1, 6), null] }, "value of node 6 is null"],
    [{ ...json, count: json.count.with(3, -1) }, "count of node 3 is -1"],
    [{ ...json, count: json.count.with(0, 5) }, "count of node 0 is 5, but its children have 4"],
    [{ ...json, count: [4, 2, 0, 2, 2, 1, 1] }, "count of node 2 is 0, which is not allowed there"],
    [
      { ...json, weightedCount: json.count.with(0, 4.1) },
      "weightedCount of node 0 is 4.1, but its children have 4",
    ],
    [{ ...json, impurity: json.impurity.with(3, -1) }, "impurity of node 3 is -1"],
    [
      { ...json, params: { ...json.params, maxDepth: "2" } },
      'maxDepth is "2", expected an integer of at least 1 or null',
    ],
    [{ ...json, params: 3 }, "params is no object"],
  ])("rejects JSON that is not a tree: case %#", (broken, message) => {
    expect(() => DecisionTreeRegressor.fromJSON(JSON.parse(JSON.stringify(broken)))).toThrow(message);
  });
});

describe("fromMlCart", () => {
  test.each([
    ["a tree without weights", undefined],
    ["a tree with weights", [0.5, 1, 2, 0.25]],
  ])("restores the counts of %s from the samples of every node", (_, weights) => {
    const { tree } = regressor.withParams({}).fit([[1, 2, 3, 4]], [0, 1, 10, 12], weights);
    const model = regressor
      .withParams({})
      .fit([[1, 2, 3, 4]], [0, 1, 10, 12], weights)
      .toMlCart();
    expect(model.toJSON().root).toMatchObject({ samples: 4, left: { samples: 2 }, right: { samples: 2 } });
    const loaded = DecisionTreeRegressor.fromMlCart(model, 1);
    expect(loaded.tree.count).toEqual(tree.count);
    expect(loaded.tree.weightedCount).toEqual(tree.weightedCount);
  });

  test("gives a tree of unknown counts when the nodes have no samples", () => {
    const root = { splitColumn: 0, splitValue: 1, left: { distribution: 0 }, right: { distribution: 1 } };
    const old = Object.assign(regressor.toMlCart(), {
      toJSON: () => ({ name: "DTRegression" as const, options: {}, root }),
    });
    const loaded = DecisionTreeRegressor.fromMlCart(old, 1);
    expect(Array.from(loaded.tree.count)).toEqual([0, 0, 0]);
    expect(loaded.toMlCart().toJSON().root.samples).toBeUndefined();
  });

  test("restores the predictions, and rejects a request for importances", () => {
    const loaded = DecisionTreeRegressor.fromMlCart(regressor.toMlCart(), 1);
    const probes = [[0.5, 1.5, 1.5000002, 2.5, 3, 3.5, 9]];
    expect(loaded.predict(probes)).toEqual(regressor.predict(probes));
    expect(loaded.tree.threshold).toEqual(regressor.tree.threshold);
    expect(loaded.exportText()).toBe(regressor.exportText());
    expect(() => loaded.featureImportances).toThrow("featureImportances needs impurities");
  });

  test.each([
    [
      { splitColumn: 0, splitValue: 1 },
      "node 0 of the ml-cart tree is neither a leaf nor a split with two sides",
    ],
    [{}, "node 0 of the ml-cart tree is neither a leaf nor a split with two sides"],
    [
      { splitColumn: 2, splitValue: 1, left: { distribution: 0 }, right: { distribution: 1 } },
      "node 0 of the ml-cart tree splits by column 2, of 2 columns",
    ],
  ])("rejects a model that is not a tree: %p", (root, message) => {
    const model = regressor.toMlCart();
    const broken = Object.assign(model, { toJSON: () => ({ name: "DTRegression", options: {}, root }) });
    expect(() => DecisionTreeRegressor.fromMlCart(broken, 2)).toThrow(message);
  });
});
