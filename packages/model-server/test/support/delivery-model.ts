import { Model } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, JsonValue, ModelClass, Target } from "@ml-pipelines/pipeline-utils/aws";
import type { ModelProfile } from "@ml-pipelines/pipeline-utils/monitoring";
import type { ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { BUCKET } from "@ml-pipelines/test-support/model-storage";

/** A weight for each feature, and one more. */
export interface Weights {
  readonly weights: readonly number[];
  readonly bias: number;
}

const score = ({ weights, bias }: Weights, row: readonly number[]): number =>
  weights.reduce((sum, weight, column) => sum + weight * (row[column] ?? NaN), bias);

function weightsOf(json: JsonValue): Weights {
  if (typeof json === "object" && json !== null && "weights" in json && "bias" in json) {
    const { weights, bias } = json;
    if (Array.isArray(weights) && typeof bias === "number") {
      return { weights: weights.map(Number), bias };
    }
  }
  throw new Error("no weights and bias");
}

/** A model type that this repository does not know: a number. */
export const linear: ModelClass<Weights> = {
  modelType: "Linear",
  toJSON: ({ weights, bias }) => ({ weights: [...weights], bias }),
  fromJSON: weightsOf,
  predict: score,
};

/** Another: one of two classes. */
export const logistic: ModelClass<Weights> = {
  ...linear,
  modelType: "Logistic",
  predict: (model, row) => (score(model, row) >= 0 ? 1 : 0),
};

/** A number, a whole number, two categories and a boolean. */
export const DELIVERY_FEATURES: readonly Feature[] = [
  { name: "distance", type: "number", minimum: 0, unit: "km", description: "By road" },
  { name: "parcels", type: "number", integer: true, minimum: 1, maximum: 20 },
  { name: "size", type: "category", categories: ["S", "M", "L"] },
  { name: "depot", type: "category", categories: ["north", "south"] },
  { name: "express", type: "boolean" },
];

export const HOURS: Target = { name: "hours", type: "number", unit: "hours" };
export const LATE: Target = { name: "late", type: "category", categories: ["in time", "late"] };

/** Put a model for deliveries; its key. */
export async function putDeliveryModel(
  storage: ModelStorage,
  options: {
    target?: Target;
    weights?: readonly number[];
    bias?: number;
    profile?: ModelProfile;
    day?: number;
  } = {},
): Promise<string> {
  const { target = HOURS, weights = [0.5, 1, 2, 4, -8], bias = 0, day = 1 } = options;
  const model = new Model({
    name: "delivery",
    model: { weights, bias },
    modelClass: target.type === "number" ? linear : logistic,
    trainDataset: { bucket: "data", key: "datasets/delivery_2026-01-01.csv", hash: "abc" },
    features: DELIVERY_FEATURES,
    target,
    metadata: options.profile === undefined ? {} : { profile: options.profile },
    creationTime: new Date(Date.UTC(2026, 0, day)),
  });
  const { key } = await model.putModelToS3({ bucket: BUCKET, folder: "models", client: storage.client });
  return key;
}
