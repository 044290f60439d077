import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegression } from "ml-cart";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import { DATASETS, readFixture } from "./read-fixture.js";

/** The value after a round trip through a file. */
const plain = <T>(value: T): T => {
  const revive: (text: string) => T = JSON.parse;
  return revive(JSON.stringify(value));
};

describe("toMlCart", () => {
  test.each(DATASETS)(
    "predicts as the tree does after a round trip through JSON, also at thresholds: %s",
    (name) => {
      const { columns, labels } = readFixture(name);
      const regressor = new DecisionTreeRegressor().fit(columns, labels);
      const { feature, threshold } = regressor.tree;
      const model = DecisionTreeRegression.load(plain(regressor.toMlCart().toJSON()));
      // Training rows, and for every split a row that lies on its threshold.
      const rows = labels.map((_, row) => columns.map((column) => Math.fround(column[row]!)));
      feature.forEach((column, id) => {
        if (column < 0) {
          return;
        }
        const row = [...rows[id % labels.length]!];
        row[column] = Math.fround(threshold[id]!);
        rows.push(row);
      });
      const predictions = regressor.predict(columns.map((_, column) => rows.map((row) => row[column]!)));
      expect(model.predict(rows)).toEqual(Array.from(predictions));
    },
  );

  test("keeps neighbouring floats apart when the tree splits at the lower one", () => {
    const lower = 2;
    const upper = 2 + 2 ** -22;
    const model = new DecisionTreeRegressor().fit([[lower, upper]], [10, 20]).toMlCart();
    expect(model.predict([[lower], [upper]])).toEqual([10, 20]);
  });

  test("has the options, and the error that the split leaves", () => {
    const { options, root } = new DecisionTreeRegressor({ minSamplesSplit: 3 })
      .fit([[1, 2, 3, 4]], [0, 0, 4, 6])
      .toMlCart()
      .toJSON();
    expect(options).toEqual({
      kind: "regression",
      gainFunction: "regression",
      splitFunction: "mean",
      minNumSamples: 3,
      maxDepth: 1,
    });
    expect(root).toMatchObject({ splitColumn: 0, splitValue: 2.5000000000000004, gain: 2 });
  });

  test.each([
    [0, 5e-324],
    [1, 1 + 2 ** -52],
    [-1, -1 + 2 ** -53],
    [-5e-324, 0],
    [2.5, 2.5000000000000004],
    [Number.MAX_VALUE, Infinity],
  ])("splits at the double above a threshold, which fromMlCart restores: %p, %p", (threshold, above) => {
    const stump = new DecisionTreeRegressor().fit([[1, 2]], [10, 20]).toJSON();
    const model = DecisionTreeRegressor.fromJSON({ ...stump, threshold: [threshold, 0, 0] }).toMlCart();
    // One zero: the doubles next to it give it either sign.
    expect((model.toJSON().root.splitValue ?? NaN) + 0).toBe(above);
    if (Number.isFinite(above)) {
      expect(DecisionTreeRegressor.fromMlCart(model, 1).tree.threshold[0]! + 0).toBe(threshold);
    }
  });
});
