import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { type TSchema, Type } from "@sinclair/typebox";
import { MAX_FLOAT32 } from "../validation/order-reader.js";

/**
 * The JSON schema of an order by a model's signature, as `/openapi.json` shows it.
 *
 * @param features - Undefined as long as there is no model: then the schema takes any object.
 */
export function orderSchema(features: readonly Feature[] | undefined): TSchema {
  const fields = (features ?? []).map((feature) => [feature.name, fieldSchema(feature)] as const);
  return Type.Object(Object.fromEntries(fields), { title: "Data" });
}

function fieldSchema(feature: Feature): TSchema {
  const title = titleOf(feature.name);
  if (feature.type === "category") return Type.String({ title, enum: [...feature.categories] });
  if (feature.type === "boolean") return Type.Boolean({ title });
  return Type.Number({
    title,
    minimum: feature.minimum ?? -MAX_FLOAT32,
    maximum: Math.min(feature.maximum ?? Infinity, MAX_FLOAT32),
  });
}

/** `orders_placed` as `Orders Placed`. */
const titleOf = (name: string): string =>
  name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
