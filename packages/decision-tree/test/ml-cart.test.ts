import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegression } from "ml-cart";
import { DecisionTreeRegressor } from "../src/decision-tree-regressor.js";
import { DATASETS, readFixture } from "./read-fixture.js";

/** What a file would give back. */
const plain = <T>(value: T): T => {
  const revive: (text: string) => T = JSON.parse;
  return revive(JSON.stringify(value));
};

describe("toMlCart", () => {
  test.each(DATASETS)(
    "answers as the tree does after a round trip through JSON, at thresholds too: %s",
    (name) => {
      const { columns, labels } = readFixture(name);
      const regressor = new DecisionTreeRegressor().fit(columns, labels);
      const { feature, threshold } = regressor.tree;
      const model = DecisionTreeRegression.load(plain(regressor.toMlCart().toJSON()));
      // Training rows, and for every split a row that lies on its threshold.
      const rows = labels.map((_, row) => columns.map((column) => Math.fround(column[row]!)));
      feature.forEach((column, id) => {
        if (column < 0) return;
        const row = [...rows[id % labels.length]!];
        row[column] = Math.fround(threshold[id]!);
        rows.push(row);
      });
      const predictions = regressor.predict(columns.map((_, column) => rows.map((row) => row[column]!)));
      expect(model.predict(rows)).toEqual(Array.from(predictions));
    },
  );

  test("a split on the lower of two neighbouring floats keeps both sides apart", () => {
    const lower = 2;
    const upper = 2 + 2 ** -22;
    const model = new DecisionTreeRegressor().fit([[lower, upper]], [10, 20]).toMlCart();
    expect(model.predict([[lower], [upper]])).toEqual([10, 20]);
  });

  test("tells the options and the error left by the split", () => {
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
});
