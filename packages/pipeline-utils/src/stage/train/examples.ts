import type { Feature, Target } from "../../aws/models/feature.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import { columnOfFewestCategories, countCategories, decodeValue } from "../../aws/models/row.js";
import type { ModelProfile } from "../../monitoring/profile.js";
import { clampToFeature, typicalRow } from "../../monitoring/typical-row.js";

const MAX_EXAMPLES = 150;

/** The model and the data to make examples from. */
export interface ExampleSource {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly profile: ModelProfile;
  readonly predict: (row: readonly number[]) => number;
}

/**
 * Make a few inputs with their predictions. A loader uses them to verify that the model still predicts the same.
 *
 * Each value of the category or boolean feature with the fewest values gets three rows. In these, every number feature
 * has its decile 1, 5 or 9 of the training rows. Other features are typical. Without such a feature there are three
 * rows.
 *
 * @returns At most 150 examples. Each has the fields of a request, and `prediction`.
 */
export function makeExamples(source: ExampleSource): JsonObject[] {
  const { features, target, profile, predict } = source;
  const typical = typicalRow(features, profile);
  const levels = ([0.1, 0.5, 0.9] as const).map((share) =>
    features.map((feature, column) => decileOf(feature, profile, share) ?? typical[column] ?? NaN),
  );
  const line = columnOfFewestCategories(features);
  const lineFeature = features[line];
  const rows =
    lineFeature === undefined
      ? levels
      : Array.from({ length: countCategories(lineFeature) }, (_, index) =>
          levels.map((level) => level.with(line, index)),
        ).flat();
  return rows.slice(0, MAX_EXAMPLES).map((row) => ({
    ...Object.fromEntries(
      features.map((feature, column) => [feature.name, decodeValue(feature, row[column] ?? NaN)]),
    ),
    prediction: decodeValue(target, predict(row)),
  }));
}

/** A decile of a number feature in the training rows; undefined for other features. */
function decileOf(feature: Feature, profile: ModelProfile, share: 0.1 | 0.5 | 0.9): number | undefined {
  const column = profile.features[feature.name];
  if (feature.type !== "number" || column?.type !== "number") {
    return undefined;
  }
  // The profile keeps equal deciles once, but its first and last are still the deciles 1 and 9.
  const { deciles, median } = column;
  const value = share === 0.5 ? median : (deciles.at(share === 0.1 ? 0 : -1) ?? median);
  return clampToFeature(value, feature);
}
