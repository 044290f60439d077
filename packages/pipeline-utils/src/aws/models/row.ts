import type { Feature, Target } from "./feature.js";

/**
 * Decode one number of a row, or a prediction, to the form of requests and responses.
 *
 * @returns The name of a category, true or false, or the number. A number that is no category's index is returned
 *   unchanged.
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

/** Describe a row in a message: `product_code SKU001, orders_placed 10`. */
export function describeRow(features: readonly Feature[], row: readonly number[]): string {
  return features
    .map((feature, column) => `${feature.name} ${String(decodeValue(feature, row[column] ?? NaN))}`)
    .join(", ");
}

/** The number of values of a category or boolean feature; 0 for a number. */
export function countCategories(feature: Feature): number {
  switch (feature.type) {
    case "category":
      return feature.categories.length;
    case "boolean":
      return 2;
    case "number":
      return 0;
  }
}

/**
 * Find the category or boolean feature with the fewest values. Curves and examples cover each of its values.
 *
 * @returns Its column, the first of several with equally few; -1 if all features are numbers.
 */
export function columnOfFewestCategories(features: readonly Feature[]): number {
  const counts = features.map((feature) => countCategories(feature) || Infinity);
  const fewest = Math.min(...counts);
  return fewest === Infinity ? -1 : counts.indexOf(fewest);
}
