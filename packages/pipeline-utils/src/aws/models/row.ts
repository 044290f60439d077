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

/** How many values a category or boolean feature has; 0 for a number. */
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
 * Find the category or boolean feature with the fewest values: curves and examples go through all of them.
 *
 * @returns Its column, the first of equals; -1 if all features are numbers.
 */
export function columnOfFewestCategories(features: readonly Feature[]): number {
  const counts = features.map((feature) => countCategories(feature) || Infinity);
  const fewest = Math.min(...counts);
  return fewest === Infinity ? -1 : counts.indexOf(fewest);
}
