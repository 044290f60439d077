import { Model } from "@ml-pipelines/pipeline-utils/aws";
import type { DatasetReference, Feature, Target } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";

export const PRODUCTS = ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"];

/** Ways in which a sample model may differ from the default one. */
export interface SampleOptions {
  products?: readonly string[];
  features?: readonly Feature[];
  /** Default: none, as in old files. */
  target?: Target;
  /** Added to every prediction, so that two models can be told apart. */
  offset?: number;
  /** Whether every node has `samples`, as newer trainings write them. Default: false. */
  counted?: boolean;
  metadata?: Model<MlCartTree>["metadata"];
  name?: string;
  creationTime?: Date;
  trainDataset?: DatasetReference;
}

const TRAIN_DATASET: DatasetReference = {
  bucket: "data",
  key: "datasets/time_to_dispatch_2021-07-01T16|45|38.csv",
  hash: "759eccda4ceb7a07cda66ad4ef7cdfbc",
};

export const signatureOf = (products: readonly string[]): readonly Feature[] => [
  { name: "product_code", type: "category", categories: products },
  { name: "orders_placed", type: "number", minimum: 0 },
];

/** The prediction of a sample model: 10 hours more for each product, and 5 more from 50 orders on. */
export const sampleHours = (product: number, orders: number, offset = 0): number =>
  offset + 10 * product + (orders < 50 ? 0.5 : 5.5);

/** A small tree, the same for the same options. */
export function sampleModel({
  products = PRODUCTS,
  features = signatureOf(products),
  target,
  offset = 0,
  counted = false,
  metadata = { r_squared: 0.974, mae: 0.915 },
  name = "time-to-dispatch",
  creationTime = new Date("2021-07-20T14:44:13.558Z"),
  trainDataset = TRAIN_DATASET,
}: SampleOptions = {}): Model<MlCartTree> {
  const json = {
    name: "DTRegression",
    options: {},
    root: productNode(0, { count: products.length, offset, counted }),
  };
  return new Model({
    name,
    model: dtRegression.fromJSON(json),
    modelClass: dtRegression,
    trainDataset,
    features,
    ...(target && { target }),
    metadata,
    creationTime,
    pipelineGitCommitHash: "NA",
  });
}

type Node = { samples?: number } & (
  { distribution: number } | { splitColumn: number; splitValue: number; left: Node; right: Node }
);

/** Training rows of each leaf. */
const LEAF_SAMPLES = 10;

interface NodeOptions {
  readonly count: number;
  readonly offset: number;
  readonly counted: boolean;
}

/** The products from one on. */
function productNode(product: number, options: NodeOptions): Node {
  const { count, offset, counted } = options;
  const samples = (leaves: number) => (counted ? { samples: leaves * LEAF_SAMPLES } : {});
  const orders: Node = {
    ...samples(2),
    splitColumn: 1,
    splitValue: 50,
    left: { ...samples(1), distribution: sampleHours(product, 0, offset) },
    right: { ...samples(1), distribution: sampleHours(product, 50, offset) },
  };
  if (product === count - 1) {
    return orders;
  }
  return {
    ...samples(2 * (count - product)),
    splitColumn: 0,
    splitValue: product + 0.5,
    left: orders,
    right: productNode(product + 1, options),
  };
}
