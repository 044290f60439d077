import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { readCsv } from "@ml-pipelines/pipeline-utils";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { ORDERS_SCHEMA, prepareOrders } from "../src/orders.js";

const HEADER = "orders_placed,product_code,hours_to_dispatch";
const tenRows = (row: string) => Array<string>(10).fill(row);

/** Read lines as the stage does. */
function read(...lines: string[]) {
  const source = Readable.from([Buffer.from(lines.join("\n"))]);
  return readCsv(source, { address: "s3://bucket/orders.csv", schema: ORDERS_SCHEMA });
}

describe("ORDERS_SCHEMA", () => {
  test.each([
    [
      "no label",
      ["orders_placed,product_code", ...tenRows("3,SKU001")],
      ': column "hours_to_dispatch" is missing',
    ],
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
      "a value that is not a number",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,NaN"],
      " line 12: hours_to_dispatch is NaN, expected a finite number",
    ],
    [
      "a number beyond 32-bit floats",
      [HEADER, ...tenRows("3,SKU001,1"), "1e39,SKU001,1"],
      " line 12: orders_placed is 1e+39, expected at most 3.4028234663852886e+38",
    ],
    [
      "a missing number",
      [HEADER, ...tenRows("3,SKU001,1"), "3,SKU001,"],
      " line 12: hours_to_dispatch is missing",
    ],
    ["a missing code", [HEADER, ...tenRows("3,SKU001,1"), "3,,1"], " line 12: product_code is missing"],
  ])("rejects %s", async (_, lines, problem) => {
    await expect(read(...lines)).rejects.toThrow(`s3://bucket/orders.csv${problem}`);
  });

  test("reports all violations together", async () => {
    const bad = read("orders_placed,product_code,note", "ten,SKU01,x");
    await expect(bad).rejects.toThrow('column "hours_to_dispatch" is missing');
    await expect(bad).rejects.toThrow('line 2: orders_placed is "ten"');
    await expect(bad).rejects.toThrow('line 2: product_code is "SKU01"');
  });
});

describe("prepareOrders", () => {
  /** Row r is recognisable: r orders, r / 10 hours, product r % 2. */
  const numbered = Array.from({ length: 100 }, (_, row) => `${row},SKU00${2 - (row % 2)},${row / 10}`);

  test("numbers the products in sorted order", async () => {
    const { train, features } = prepareOrders(
      await read(HEADER, ...tenRows("3,SKU900,1.5"), ...tenRows("4,SKU006,2")),
    );
    expect(features).toMatchObject([
      { name: "product_code", type: "category", categories: ["SKU006", "SKU900"] },
      { name: "orders_placed", type: "number", minimum: 0 },
    ]);
    const [code = [], orders = []] = train.columns;
    expect(Array.from(orders)).toEqual(Array.from(code, (index) => (index === 1 ? 3 : 4)));
  });

  test("keeps every row once with its own label", async () => {
    const { train, test: held } = prepareOrders(await read(HEADER, ...numbered));
    expect([train.target.length, held.target.length]).toEqual([80, 20]);
    const seen = [train, held].flatMap(({ columns: [code, placed], target }) =>
      Array.from(placed ?? [], (row, i) => {
        expect([code?.[i], target[i]]).toEqual([(row + 1) % 2, row / 10]);
        return row;
      }),
    );
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from(numbered.keys()));
  });

  test("splits each product in the same proportion, and with the same rows every time", async () => {
    const table = await read(HEADER, ...numbered);
    const { test: held } = prepareOrders(table);
    expect(held.columns[0]?.filter((code) => code === 0)).toHaveLength(10);
    expect(prepareOrders(table)).toEqual(prepareOrders(table));
  });

  test("accepts the sample dataset", async () => {
    const { train, test: held } = prepareOrders(await read(sampleDataset()));
    expect([train.target.length, held.target.length]).toEqual([800, 200]);
  });

  test("rejects products with too few rows and names all of them", async () => {
    const table = await read(HEADER, ...tenRows("3,SKU001,1"), "3,SKU002,1", "3,SKU003,1", "3,SKU003,1");
    expect(() => prepareOrders(table)).toThrow(
      'product_code "SKU002" has 1 row, expected at least 10; product_code "SKU003" has 2 rows, expected at least 10',
    );
  });
});
