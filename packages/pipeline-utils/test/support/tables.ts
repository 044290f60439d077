import { Float64, makeData, makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";

/** Orders, as the article's dataset has them: two columns, plain. */
export function ordersTable(rows = 3): Table {
  const hours = Float64Array.from({ length: rows }, (_, i) => i + 0.5);
  const products = Array.from({ length: rows }, (_, i) => `SKU00${(i % 5) + 1}`);
  return new Table({
    hours_to_dispatch: makeVector(makeData({ type: new Float64(), length: rows, nullCount: 0, data: hours })),
    product_code: vectorFromArray(products, new Utf8()),
  });
}

/** The rows as plain objects. */
export function rowsOf(table: Table): unknown[] {
  return table.toArray().map((row: unknown) => JSON.parse(JSON.stringify(row)) as unknown);
}
