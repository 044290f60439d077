import { decodeValue, MAX_FLOAT32 } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { typicalRow } from "@ml-pipelines/pipeline-utils/monitoring";
import { Type } from "@sinclair/typebox";
import type { TSchema } from "@sinclair/typebox";
import type { ServedModel } from "../model/served-model.js";
import { datatypeOf } from "../protocols/tensor.js";
import { propertyOf, titleOf } from "../untrusted.js";

/** One input by name, as requests have it. */
type Input = Record<string, string | number | boolean>;

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

/** An input that the model takes, to try the API with: the first of the model's own examples, else typical values. */
export function exampleInput(served: ServedModel): Input {
  const { features, model } = served;
  const { examples } = model.metadata;
  const first: unknown = Array.isArray(examples) ? examples[0] : undefined;
  const typical = typicalRow(features, model.metadata.profile);
  const values = features.map((feature, column) => {
    const value = propertyOf(first, feature.name);
    const isValue = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return [feature.name, isValue ? value : decodeValue(feature, typical[column] ?? NaN)] as const;
  });
  return Object.fromEntries(values);
}

/** The same input as tensors of one row, as the Open Inference Protocol takes it. */
export function exampleInference(served: ServedModel): object {
  const input = exampleInput(served);
  const inputs = served.features.map((feature) => ({
    name: feature.name,
    shape: [1],
    datatype: datatypeOf(feature),
    data: [input[feature.name]],
  }));
  return { inputs };
}
