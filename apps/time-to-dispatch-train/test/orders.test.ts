import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { readCsv } from "@ml-pipelines/pipeline-utils";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { ORDERS_SCHEMA, checkOrders } from "../src/orders.js";

const ADDRESS = "s3://bucket/datasets/orders_2021-07-01.csv";
const HEADER = "orders_placed,product_code,hours_to_dispatch";
const tenRows = (row: string) => Array<string>(10).fill(row);

/** As the stage does: read with the schema, then check the rest. */
async function check(...lines: string[]) {
  const source = Readable.from([Buffer.from(lines.join("\n"))]);
  return checkOrders(await readCsv(source, { address: ADDRESS, schema: ORDERS_SCHEMA }), ADDRESS);
}

describe("checkOrders", () => {
  test("takes columns in any order and numbers the products in sorted order", async () => {
    const orders = await check(HEADER, ...tenRows("3,SKU900,1.5"), ...tenRows("4,SKU006,2"));
    expect(orders.products).toEqual(["SKU006", "SKU900"]);
    expect([...orders.productCode]).toEqual([...Array<number>(10).fill(1), ...Array<number>(10).fill(0)]);
    expect(orders.ordersPlaced[0]).toBe(3);
    expect(orders.hoursToDispatch[19]).toBe(2);
  });

  test("takes a delivery with the index that pandas writes", async () => {
    const rows = Array.from({ length: 10 }, (_, row) => `${row},3,SKU001,1.5`);
    const orders = await check(`,${HEADER}`, ...rows);
    expect([orders.ordersPlaced[9], orders.hoursToDispatch[9], orders.productCode[9]]).toEqual([3, 1.5, 0]);
  });

  test("takes the sample dataset", async () => {
    const orders = await check(sampleDataset());
    expect(orders.products).toEqual(["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"]);
    expect(orders.hoursToDispatch).toHaveLength(1000);
  });

  test.each([
    [
      "no label",
      ["orders_placed,product_code", ...tenRows("3,SKU001")],
      ': column "hours_to_dispatch" is missing',
    ],
    [
      "another column",
      [`${HEADER},note`, ...tenRows("3,SKU001,1,x")],
      ' is a bad delivery: column "note" is unknown',
    ],
    ["no rows", [HEADER], " is a bad delivery: no rows below the header"],
    [
      "another product code",
      [HEADER, ...tenRows("3,SKU001,1"), "3,ABC1,1"],
      ' line 12: product_code is "ABC1"',
    ],
    [
      "text among numbers",
      [HEADER, ...tenRows("3,SKU001,1"), "ten,SKU001,1"],
      ' line 12: orders_placed is "ten", expected a number',
    ],
    [
      "negative hours",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,-1"],
      " line 12: hours_to_dispatch is -1, expected at least 0",
    ],
    [
      "no number",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,NaN"],
      " line 12: hours_to_dispatch is NaN, expected a finite number",
    ],
    [
      "more than a 32-bit float holds",
      [HEADER, ...tenRows("3,SKU001,1"), "1e39,SKU001,1"],
      " line 12: orders_placed is 1e+39, expected at most 3.4028234663852886e+38",
    ],
    [
      "nothing where a number belongs",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,"],
      " line 12: hours_to_dispatch is missing",
    ],
    [
      "nothing where a code belongs",
      [HEADER, ...tenRows("3,SKU001,1"), "3,,1"],
      " line 12: product_code is missing",
    ],
    [
      "too few rows of a product",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU002,1"],
      ' is a bad delivery: product_code "SKU002" has 1 row, expected at least 10',
    ],
  ])("refuses %s", async (_, lines, problem) => {
    await expect(check(...lines)).rejects.toThrow(`${ADDRESS}${problem}`);
  });

  test("names all that is wrong with the values at once", async () => {
    const bad = check("orders_placed,product_code,note", "ten,SKU01,x");
    await expect(bad).rejects.toThrow('column "hours_to_dispatch" is missing');
    await expect(bad).rejects.toThrow('line 2: orders_placed is "ten"');
    await expect(bad).rejects.toThrow('line 2: product_code is "SKU01"');
  });
});
