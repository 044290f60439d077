import { trainTestSplit } from "@ml-pipelines/decision-tree";
import { MAX_FLOAT32 } from "@ml-pipelines/pipeline-utils";
import type { ExpectedSchema, Feature } from "@ml-pipelines/pipeline-utils";
import { BadDeliveryError } from "@ml-pipelines/pipeline-utils/stage";
import type { PreparedData, Sample } from "@ml-pipelines/pipeline-utils/stage";
import type { Table, Vector } from "apache-arrow";

/** Schema agreed with the data engineers. No column is nullable. */
export const ORDERS_SCHEMA = {
  hours_to_dispatch: { type: "number", minimum: 0, maximum: MAX_FLOAT32 },
  orders_placed: { type: "number", minimum: 0, maximum: MAX_FLOAT32 },
  product_code: { type: "text", pattern: /^SKU\d{3}$/ },
} as const satisfies ExpectedSchema;

/** With fewer rows, a product's share of the test rows says nothing. */
const MINIMUM_ROWS_PER_PRODUCT = 10;

/**
 * Number the products of a delivery, and split it 80/20, each product in the same proportion, with scikit-learn's shuffle for
 * seed 42.
 *
 * @param table - Read with `ORDERS_SCHEMA`; columns in any order.
 * @returns Columns `product_code` and `orders_placed`, in this order, which settles ties between splits of the tree.
 * @throws {BadDeliveryError} A product has fewer than 10 rows; the message names all such products.
 */
export function prepareOrders(table: Table): PreparedData {
  const codes = column(table, "product_code");
  const products = listProducts(codes);
  const indexOf = new Map(products.map((product, index) => [product, index]));
  const productCode = Float64Array.from(codes, (code) => indexOf.get(String(code)) ?? NaN);
  const columns = [productCode, Float64Array.from(column(table, "orders_placed"), Number)];
  const target = Float64Array.from(column(table, "hours_to_dispatch"), Number);
  const rows = trainTestSplit({ testSize: 0.2, stratify: productCode, randomState: 42 });
  const sample = (picked: Int32Array): Sample => ({
    columns: columns.map((values) => pick(values, picked)),
    target: pick(target, picked),
  });
  return { train: sample(rows.train), test: sample(rows.test), features: describeFeatures(products) };
}

/** The product codes of a delivery, sorted. */
function listProducts(codes: Vector): string[] {
  const rowsOf = new Map<string, number>();
  for (const code of codes) {
    const product = String(code);
    rowsOf.set(product, (rowsOf.get(product) ?? 0) + 1);
  }
  const products = [...rowsOf.keys()].sort();
  const problems = products.flatMap((product) => {
    const rows = rowsOf.get(product) ?? 0;
    const shownRows = `${rows} ${rows === 1 ? "row" : "rows"}`;
    return rows >= MINIMUM_ROWS_PER_PRODUCT
      ? []
      : [`product_code "${product}" has ${shownRows}, expected at least ${MINIMUM_ROWS_PER_PRODUCT}`];
  });
  if (problems.length > 0) {
    throw new BadDeliveryError(problems.join("; "));
  }
  return products;
}

function describeFeatures(products: readonly string[]): Feature[] {
  return [
    { name: "product_code", type: "category", categories: products, description: "Code of the product" },
    {
      name: "orders_placed",
      type: "number",
      minimum: 0,
      description: "Orders placed for the product",
    },
  ];
}

/** A loop: for a million rows, `Float64Array.from` with a function takes several tenths of a second. */
function pick(values: Float64Array, rows: Int32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    picked[i] = values[row] ?? NaN;
  }
  return picked;
}

function column(table: Table, name: keyof typeof ORDERS_SCHEMA): Vector {
  const vector = table.getChild(name);
  if (vector === null) {
    throw new TypeError(`the table was not read with ORDERS_SCHEMA: it has no column ${name}`);
  }
  return vector;
}
