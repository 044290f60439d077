import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import type { ServedModel } from "../model/served-model.js";
import { propertyOf } from "../property-of.js";

/** Of orders placed, where the model brings no example. */
const TYPICAL_NUMBER = 100;

type Order = Record<string, string | number>;

/** An order that the model takes, for those who try the API out: the first of the model's own examples, else one made up. */
export function exampleOrder({ features, model }: ServedModel): Order {
  const { examples } = model.metadata;
  const first: unknown = Array.isArray(examples) ? examples[0] : undefined;
  return Object.fromEntries(
    features.map((feature) => [feature.name, valueOf(first, feature.name) ?? madeUp(feature)]),
  );
}

/** The same order as tensors of one row, as the Open Inference Protocol takes it. */
export function exampleInference(served: ServedModel): object {
  const order = exampleOrder(served);
  const inputs = served.features.map(({ name, type }) => ({
    name,
    shape: [1],
    datatype: type === "category" ? "BYTES" : "FP64",
    data: [order[name]],
  }));
  return { inputs };
}

function valueOf(example: unknown, name: string): string | number | undefined {
  const value = propertyOf(example, name);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

function madeUp(feature: Feature): string | number {
  if (feature.type === "boolean") return 0;
  if (feature.type === "category") return feature.categories[0] ?? "";
  const { minimum = -Infinity, maximum = Infinity } = feature;
  return Math.min(Math.max(TYPICAL_NUMBER, minimum), maximum);
}
