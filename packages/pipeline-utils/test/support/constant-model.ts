import { isJsonObject } from "../../src/aws/models/json-value.js";
import type { ModelClass, ModelProperties } from "@ml-pipelines/pipeline-utils/aws";

/** The smallest model there is. */
export interface Constant {
  readonly value: number;
}
export const constant: ModelClass<Constant> = {
  modelType: "Constant",
  toJSON: ({ value }) => ({ value }),
  fromJSON(json) {
    const value = isJsonObject(json) ? json.value : undefined;
    if (typeof value !== "number") {
      throw new TypeError("value is not a number");
    }
    return { value };
  },
};
export const trainDataset = { bucket: "b", key: "datasets/a_2021-07-03T23:05:32.csv", hash: "abc" };
export const properties: ModelProperties<Constant> = {
  name: "time-to-dispatch",
  model: { value: 1 },
  modelClass: constant,
  trainDataset,
  features: [
    { name: "product_code", type: "category", categories: ["SKU001", "SKU002"] },
    { name: "orders_placed", type: "number", minimum: 0 },
  ],
  metadata: { rSquared: 0.974 },
  creationTime: new Date("2021-07-20T14:44:13.558Z"),
};
