import { describe, expect, test } from "@jest/globals";
import type { Orders } from "../src/orders.js";
import { prepareData } from "../src/prepare-data.js";

/** Row r is recognisable: r orders, r / 10 hours, product r % 2. */
const rows = Array.from({ length: 100 }, (_, row) => row);
const orders: Orders = {
  ordersPlaced: Float64Array.from(rows),
  hoursToDispatch: Float64Array.from(rows, (row) => row / 10),
  productCode: Float64Array.from(rows, (row) => row % 2),
  products: ["SKU001", "SKU002"],
};

describe("prepareData", () => {
  test("keeps every row once, with its own label", () => {
    const { train, test: held } = prepareData(orders);
    expect([train.label.length, held.label.length]).toEqual([80, 20]);
    const seen = [train, held].flatMap(({ features: [code, placed], label }) =>
      Array.from(placed, (row, i) => {
        expect([code[i], label[i]]).toEqual([row % 2, row / 10]);
        return row;
      }),
    );
    expect(seen.sort((a, b) => a - b)).toEqual(rows);
  });

  test("splits each product in the same proportion", () => {
    const { test: held } = prepareData(orders);
    expect(held.features[0].filter((code) => code === 0)).toHaveLength(10);
  });

  test("splits the same rows the same way every time", () => {
    expect(prepareData(orders)).toEqual(prepareData(orders));
  });
});
