import type { Feature, NumberFeature } from "../aws/models/feature.js";
import { isJsonObject } from "../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../aws/models/json-value.js";
import { own } from "./profile.js";

/** Used for number features without a profile, clamped to their bounds. */
const UNPROFILED_NUMBER = 100;

/**
 * One row of typical inputs: the median of a number, the most frequent value of a category or boolean.
 *
 * @param profile - `metadata.profile` of the model, if it has one. It may be untrusted JSON; unexpected parts are
 *   ignored.
 * @returns One number per feature, as `ModelClass.predict` takes them.
 */
export function typicalRow(features: readonly Feature[], profile: JsonValue | undefined): number[] {
  return features.map((feature) => {
    const column = columnProfile(feature.name, profile);
    switch (feature.type) {
      case "number":
        return clampToFeature(numberIn(column, "median") ?? UNPROFILED_NUMBER, feature);
      case "category":
        return mostFrequent(feature.categories, column);
      case "boolean":
        return mostFrequent(["false", "true"], column);
    }
  });
}

/**
 * The range of a number feature in training, or its bounds if there is no profile.
 *
 * @param profile - `metadata.profile` of the model, as for {@link typicalRow}.
 * @returns `[minimum, maximum]`, the first not above the second.
 */
export function trainedRange(feature: NumberFeature, profile: JsonValue | undefined): [number, number] {
  const column = columnProfile(feature.name, profile);
  const minimum = numberIn(column, "minimum") ?? feature.minimum ?? Math.min(0, feature.maximum ?? 0);
  const maximum = numberIn(column, "maximum") ?? feature.maximum ?? minimum + UNPROFILED_NUMBER;
  return [Math.min(minimum, maximum), Math.max(minimum, maximum)];
}

function columnProfile(name: string, profile: JsonValue | undefined): JsonObject {
  const column = own(own(profile, "features"), name);
  return isJsonObject(column) ? column : {};
}

function numberIn(column: JsonObject, name: string): number | undefined {
  const value = own(column, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The nearest allowed value of a number feature: within its bounds, and whole if it is an integer. */
export function clampToFeature(value: number, feature: NumberFeature): number {
  const { minimum = -Infinity, maximum = Infinity, integer = false } = feature;
  return integer
    ? Math.min(Math.max(Math.round(value), Math.ceil(minimum)), Math.floor(maximum))
    : Math.min(Math.max(value, minimum), maximum);
}

function mostFrequent(values: readonly string[], column: JsonObject): number {
  const counts = own(column, "counts");
  const countOf = (value: string): number => (isJsonObject(counts) ? (numberIn(counts, value) ?? 0) : 0);
  return values.reduce(
    (best, value, index) => (countOf(value) > countOf(values[best] ?? "") ? index : best),
    0,
  );
}
