import type { ExpectedSchema } from "@ml-pipelines/pipeline-utils";
import { PANDAS_INDEX } from "@ml-pipelines/pipeline-utils";
import type { Table, Vector } from "apache-arrow";
import { BadDeliveryError } from "./errors.js";

/** A checked delivery: a value a row in each column. */
export interface Orders {
  /** The label: hours from order to dispatch, not negative. */
  hoursToDispatch: Float64Array;
  /** Orders placed, not negative. */
  ordersPlaced: Float64Array;
  /** Each row's index in `products`. */
  productCode: Float64Array;
  /** The product codes of the file, sorted. */
  products: readonly string[];
}

/** The trees compare features as 32-bit floats, as scikit-learn's do: there is nothing beyond. */
const FLOAT32_MAX = 3.4028234663852886e38;

/** What is agreed of each value; nothing may be missing. */
export const ORDERS_SCHEMA = {
  hours_to_dispatch: { type: "number", minimum: 0, maximum: FLOAT32_MAX },
  orders_placed: { type: "number", minimum: 0, maximum: FLOAT32_MAX },
  product_code: { type: "text", pattern: /^SKU\d{3}$/ },
} as const satisfies ExpectedSchema;

/** With fewer rows, a product's share of the test rows says nothing. */
const MINIMUM_ROWS_PER_PRODUCT = 10;

/**
 * Check what the schema does not say of a delivery, and take its columns.
 *
 * @param data - Of shape (rows, 3), read with `ORDERS_SCHEMA`; columns in any order, an index of pandas beside them or not.
 * @param address - Where it came from, for the message.
 * @throws {BadDeliveryError} Other columns, no rows, or too few of a product; names all that is wrong.
 */
export function checkOrders(data: Table, address: string): Orders {
  const codes = column(data, "product_code");
  const rowsOf = countRows(codes);
  const products = [...rowsOf.keys()].sort();
  const problems = checkColumns(data);
  for (const product of products) {
    const rows = rowsOf.get(product) ?? 0;
    if (rows < MINIMUM_ROWS_PER_PRODUCT)
      problems.push(
        `product_code "${product}" has ${rows} ${rows === 1 ? "row" : "rows"}, expected at least ${MINIMUM_ROWS_PER_PRODUCT}`,
      );
  }
  if (problems.length > 0) throw new BadDeliveryError(`${address} is a bad delivery: ${problems.join("; ")}`);
  const indexOf = new Map(products.map((product, index) => [product, index]));
  return {
    hoursToDispatch: numbers(data, "hours_to_dispatch"),
    ordersPlaced: numbers(data, "orders_placed"),
    productCode: Float64Array.from(codes, (code) => indexOf.get(String(code)) ?? NaN),
    products,
  };
}

function checkColumns(data: Table): string[] {
  const expected = Object.keys(ORDERS_SCHEMA);
  const problems = data.schema.fields
    .filter(({ name }) => !expected.includes(name) && name !== PANDAS_INDEX)
    .map(({ name }) => `column ${JSON.stringify(name)} is unknown, expected ${expected.join(", ")}`);
  if (data.numRows === 0) problems.push("no rows below the header");
  return problems;
}

function countRows(codes: Iterable<unknown>): Map<string, number> {
  const rows = new Map<string, number>();
  for (const code of codes) rows.set(String(code), (rows.get(String(code)) ?? 0) + 1);
  return rows;
}

function numbers(data: Table, name: keyof typeof ORDERS_SCHEMA): Float64Array {
  return Float64Array.from(column(data, name), Number);
}

function column(data: Table, name: keyof typeof ORDERS_SCHEMA): Vector {
  const vector = data.getChild(name);
  if (vector === null) throw new TypeError(`the table was not read with ORDERS_SCHEMA: no column ${name}`);
  return vector;
}
