import { MAX_FLOAT32 } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { Type } from "@sinclair/typebox";
import type { TSchema } from "@sinclair/typebox";
import { titleOf } from "../untrusted.js";

/**
 * The JSON schema of an input by a model's signature, as `/openapi.json` shows it.
 *
 * @param features - Undefined as long as there is no model: then the schema takes any object.
 */
export function inputSchema(features: readonly Feature[] | undefined): TSchema {
  const fields = (features ?? []).map((feature) => [feature.name, fieldSchema(feature)] as const);
  return Type.Object(Object.fromEntries(fields), { title: "Data" });
}

function fieldSchema(feature: Feature): TSchema {
  const text = { title: titleOf(feature.name), ...descriptionOf(feature) };
  switch (feature.type) {
    case "category":
      return Type.String({ ...text, enum: [...feature.categories] });
    case "boolean":
      return Type.Boolean(text);
    case "number": {
      const minimum = feature.minimum ?? -MAX_FLOAT32;
      const maximum = Math.min(feature.maximum ?? Infinity, MAX_FLOAT32);
      const bounds = { ...text, minimum, maximum };
      return feature.integer === true ? Type.Integer(bounds) : Type.Number(bounds);
    }
  }
}

/** A column's description and unit, as JSON Schema's one text. */
export function descriptionOf({ description, unit }: Pick<Feature, "description" | "unit">): {
  description?: string;
} {
  const parts = [description, unit === undefined ? undefined : `in ${unit}`].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? {} : { description: parts.join(", ") };
}
