import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { readCsv } from "@ml-pipelines/pipeline-utils";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { checkOrders } from "../src/orders.js";

const ADDRESS = "s3://bucket/datasets/orders_2021-07-01.csv";
const HEADER = "orders_placed,product_code,hours_to_dispatch";
const tenRows = (row: string) => Array<string>(10).fill(row);

async function check(...lines: string[]) {
  return checkOrders(await readCsv(Readable.from([Buffer.from(lines.join("\n"))])), ADDRESS);
}

describe("checkOrders", () => {
  test("takes columns in any order and numbers the products in sorted order", async () => {
    const orders = await check(HEADER, ...tenRows("3,SKU900,1.5"), ...tenRows("4,SKU006,2"));
    expect(orders.products).toEqual(["SKU006", "SKU900"]);
    expect([...orders.productCode]).toEqual([...Array<number>(10).fill(1), ...Array<number>(10).fill(0)]);
    expect(orders.ordersPlaced[0]).toBe(3);
    expect(orders.hoursToDispatch[19]).toBe(2);
  });

  test("takes the sample dataset", async () => {
    const orders = await check(sampleDataset());
    expect(orders.products).toEqual(["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"]);
    expect(orders.hoursToDispatch).toHaveLength(1000);
  });

  test.each([
    ["no label", ["orders_placed,product_code", ...tenRows("3,SKU001")], "no column hours_to_dispatch"],
    ["another column", [`${HEADER},note`, ...tenRows("3,SKU001,1,x")], "unknown column note"],
    ["no rows", [HEADER], "no rows below the header"],
    [
      "another product code",
      [HEADER, ...tenRows("3,SKU001,1"), "3,ABC1,1"],
      'product_code is "ABC1" in row 11, expected "SKU" and three digits',
    ],
    [
      "text among numbers",
      [HEADER, ...tenRows("3,SKU001,1"), "ten,SKU001,1"],
      'orders_placed is "ten" in row 11, expected a finite number of at least 0',
    ],
    [
      "negative hours",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,-1", "3,SKU001,-2"],
      "hours_to_dispatch is -1 in row 11, expected a finite number of at least 0 (and 1 more rows)",
    ],
    [
      "nothing where a number belongs",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,"],
      "hours_to_dispatch is empty in row 11",
    ],
    [
      "nothing where a code belongs",
      [HEADER, ...tenRows("3,SKU001,1"), "3,,1"],
      "product_code is empty in row 11",
    ],
    [
      "too few rows of a product",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU002,1"],
      "product_code SKU002 has 1 rows, expected at least 10",
    ],
  ])("refuses %s", async (_, lines, problem) => {
    await expect(check(...lines)).rejects.toThrow(`${ADDRESS} is a bad delivery: ${problem}`);
  });

  test("names all that is wrong at once", async () => {
    const bad = check("orders_placed,product_code,note", "ten,SKU01,x");
    await expect(bad).rejects.toThrow("no column hours_to_dispatch");
    await expect(bad).rejects.toThrow("unknown column note");
    await expect(bad).rejects.toThrow('orders_placed is "ten" in row 1');
    await expect(bad).rejects.toThrow('product_code is "SKU01" in row 1');
  });
});
