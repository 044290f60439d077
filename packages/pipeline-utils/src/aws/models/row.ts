import type { Feature, Target } from "./feature.js";

/**
 * Decode one number of a row, or a prediction, as requests and answers give it.
 *
 * @returns The name of a category, true or false, or the number. The number also where it is the index of no category.
 */
export function decodeValue(column: Feature | Target, value: number): string | number | boolean {
  switch (column.type) {
    case "category":
      return column.categories[value] ?? value;
    case "boolean":
      return value === 1;
    case "number":
      return value;
  }
}

/** A row for messages: `product_code SKU001, orders_placed 10`. */
export function describeRow(features: readonly Feature[], row: readonly number[]): string {
  return features
    .map((feature, column) => `${feature.name} ${String(decodeValue(feature, row[column] ?? NaN))}`)
    .join(", ");
}
