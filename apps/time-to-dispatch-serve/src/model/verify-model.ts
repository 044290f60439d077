import type { Feature, JsonValue, Model } from "@ml-pipelines/pipeline-utils/aws";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import { propertyOf } from "../property-of.js";
import { MAX_FLOAT32 } from "../validation/order-reader.js";
import { ModelRefusedError } from "./model-refused-error.js";
import { type ModelOrigin, ServedModel } from "./served-model.js";

/** The fields of a request, which clients depend on: a model for other fields is a model for another service. */
const REQUEST_FIELDS: Readonly<Record<string, Feature["type"]>> = {
  product_code: "category",
  orders_placed: "number",
};

/** In characters: names are part of every answer, and fit into the key of a model's file. */
const MAX_NAME_LENGTH = 200;

/** All that `SKU` and three digits can name. Each is tried before the model is served, and requests wait meanwhile. */
const MAX_PRODUCTS = 1_000;

/** Orders on which every model must give finite hours, for each product: the ends of the range and between. */
const PROBED_ORDERS = [0, 1, 10, 100, 1_000, 1e6, MAX_FLOAT32];

/** How far a prediction may be from the one that training stored with the model, relative to it. */
const TOLERANCE = 1e-9;

/**
 * Check that a model is one this service can answer with; its file's hash and shape were checked when it was read.
 *
 * Its name must be of at most 200 characters, its signature of this service's fields and at most 1,000 products, its predictions finite over the range of orders, and those on the examples that
 * training stored in its metadata (`examples`: `[{ product_code, orders_placed, prediction }]`) equal to the stored ones.
 *
 * @throws {ModelRefusedError} Naming the model's address, the value and what was expected.
 */
export function verifyModel(model: Model<MlCartTree>, origin: ModelOrigin): ServedModel {
  const address = `s3://${origin.bucket}/${origin.key}`;
  verifyName(model.name, address);
  verifySignature(model.features, address);
  verifyProducts(model.features, address);
  const served = new ServedModel(model, origin);
  verifyFinite(served);
  verifyExamples(served, model.metadata.examples);
  return served;
}

function verifyName(name: string, address: string): void {
  if (name.length > MAX_NAME_LENGTH) {
    const start = JSON.stringify(name.slice(0, 20));
    throw new ModelRefusedError(
      `${address}: the model's name, which begins with ${start}, is ${name.length} characters long, expected at most ${MAX_NAME_LENGTH}`,
    );
  }
}

function verifySignature(features: readonly Feature[], address: string): void {
  const describe = (fields: readonly (readonly [string, string])[]): string =>
    fields
      .map(([name, type]) => `${name} (${type})`)
      .sort()
      .join(", ");
  const actual = describe(features.map(({ name, type }) => [name, type]));
  const expected = describe(Object.entries(REQUEST_FIELDS));
  if (actual !== expected) {
    throw new ModelRefusedError(
      `${address}: the model's signature is ${actual || "empty"}, expected ${expected}`,
    );
  }
}

function verifyProducts(features: readonly Feature[], address: string): void {
  const { length } = productsOf(features);
  if (length > MAX_PRODUCTS) {
    throw new ModelRefusedError(
      `${address}: the model's signature has ${length} products, expected at most ${MAX_PRODUCTS}`,
    );
  }
}

function productsOf(features: readonly Feature[]): readonly string[] {
  return features.flatMap((feature) => (feature.type === "category" ? feature.categories : []));
}

function verifyFinite(served: ServedModel): void {
  for (const [index, product] of productsOf(served.features).entries()) {
    for (const orders of PROBED_ORDERS) {
      const row = served.features.map(({ type }) => (type === "category" ? index : Math.fround(orders)));
      const hours = served.predict(row);
      if (!Number.isFinite(hours)) {
        throw new ModelRefusedError(
          `${served.address}: the prediction for ${product} and ${orders} orders is ${hours}, expected a finite number`,
        );
      }
    }
  }
}

function verifyExamples(served: ServedModel, examples: JsonValue | undefined): void {
  if (examples === undefined) return;
  if (!Array.isArray(examples)) {
    throw new ModelRefusedError(
      `${served.address}: metadata.examples is ${typeof examples}, expected an array`,
    );
  }
  examples.forEach((example: unknown, index) => {
    const where = `${served.address}: metadata.examples[${index}]`;
    const expected = propertyOf(example, "prediction");
    if (typeof expected !== "number") {
      throw new ModelRefusedError(`${where} has no prediction, expected a number`);
    }
    const hours = predictExample(served, example, where);
    if (!(Math.abs(hours - expected) <= TOLERANCE * Math.max(1, Math.abs(expected)))) {
      throw new ModelRefusedError(
        `${where} is predicted as ${hours}, expected ${expected} as training stored it`,
      );
    }
  });
}

function predictExample(served: ServedModel, example: unknown, where: string): number {
  try {
    return served.predict(served.orders.readOrder(example));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelRefusedError(`${where} is no order that the model's signature takes: ${reason}`, {
      cause: error,
    });
  }
}
