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

const COLUMNS = ["hours_to_dispatch", "orders_placed", "product_code"];
const PRODUCT_CODE = /^SKU\d{3}$/;
/** With fewer rows, a product's share of the test rows says nothing. */
const MINIMUM_ROWS_PER_PRODUCT = 10;

/**
 * Check a delivery and take its columns.
 *
 * @param data - Of shape (rows, 3): `hours_to_dispatch`, `orders_placed`, `product_code`, in any order.
 * @param address - Where it came from, for the message.
 * @throws {BadDeliveryError} Names everything that is wrong; rows are counted from 1 after the header.
 */
export function checkOrders(data: Table, address: string): Orders {
  const problems = checkColumns(data);
  const hours = checkNumbers(data, "hours_to_dispatch", problems);
  const placed = checkNumbers(data, "orders_placed", problems);
  const { codes, products } = checkProducts(data, problems);
  if (problems.length > 0) throw new BadDeliveryError(`${address} is a bad delivery: ${problems.join("; ")}`);
  return { hoursToDispatch: hours, ordersPlaced: placed, productCode: codes, products };
}

function checkColumns(data: Table): string[] {
  const found = data.schema.fields.map((field) => field.name);
  const problems: string[] = [];
  const missing = COLUMNS.filter((name) => !found.includes(name));
  const unknown = found.filter((name) => !COLUMNS.includes(name));
  if (missing.length > 0) problems.push(`no column ${missing.join(", ")}, found ${found.join(", ")}`);
  if (unknown.length > 0)
    problems.push(`unknown column ${unknown.join(", ")}, expected ${COLUMNS.join(", ")}`);
  if (data.numRows === 0) problems.push("no rows below the header");
  return problems;
}

/** The first value that fails is shown with the number of all that do. */
function report(
  problems: string[],
  column: string,
  bad: readonly number[],
  vector: Vector,
  expected: string,
): void {
  const [first] = bad;
  if (first === undefined) return;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more rows)` : "";
  const value: unknown = vector.get(first);
  const shown = value === null ? "empty" : JSON.stringify(value);
  problems.push(`${column} is ${shown} in row ${first + 1}, expected ${expected}${more}`);
}

function checkNumbers(data: Table, column: string, problems: string[]): Float64Array {
  const vector = data.getChild(column);
  const numbers = new Float64Array(data.numRows);
  if (vector === null) return numbers;
  const bad: number[] = [];
  for (let row = 0; row < data.numRows; row++) {
    const value: unknown = vector.get(row);
    const number = typeof value === "number" ? value : typeof value === "string" ? decimal(value) : NaN;
    if (Number.isFinite(number) && number >= 0) numbers[row] = number;
    else bad.push(row);
  }
  report(problems, column, bad, vector, "a finite number of at least 0");
  return numbers;
}

/** One text makes the whole column text: the numbers beside it are not at fault. */
function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}

function checkProducts(data: Table, problems: string[]): { codes: Float64Array; products: string[] } {
  const vector = data.getChild("product_code");
  const codes = new Float64Array(data.numRows);
  if (vector === null) return { codes, products: [] };
  const rowsOf = new Map<string, number[]>();
  const bad: number[] = [];
  for (let row = 0; row < data.numRows; row++) {
    const value: unknown = vector.get(row);
    if (typeof value !== "string" || !PRODUCT_CODE.test(value)) bad.push(row);
    else {
      const rows = rowsOf.get(value);
      if (rows === undefined) rowsOf.set(value, [row]);
      else rows.push(row);
    }
  }
  report(problems, "product_code", bad, vector, '"SKU" and three digits');
  const products = [...rowsOf.keys()].sort();
  products.forEach((product, code) => {
    const rows = rowsOf.get(product) ?? [];
    for (const row of rows) codes[row] = code;
    if (rows.length < MINIMUM_ROWS_PER_PRODUCT)
      problems.push(
        `product_code ${product} has ${rows.length} rows, expected at least ${MINIMUM_ROWS_PER_PRODUCT}`,
      );
  });
  return { codes, products };
}
