import type { Feature, Model } from "@ml-pipelines/pipeline-utils/aws";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import { OrderReader } from "../validation/order-reader.js";

/** The object a model was read from. */
export interface ModelOrigin {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; undefined for a pinned model, which is never compared with another. */
  readonly etag?: string;
}

/**
 * One verified model, ready to answer: everything a request needs, so that a request that took a reference to it is answered by
 * it alone, whatever is swapped in meanwhile. Made by `verifyModel`.
 */
export class ServedModel {
  readonly model: Model<MlCartTree>;
  readonly origin: ModelOrigin;
  /** The original's one line, which every prediction carries. */
  readonly version: string;
  /** The same as JSON. */
  readonly versionJson: string;
  readonly hash: string;
  readonly features: readonly Feature[];
  /** UTC. */
  readonly loadedAt: Date;
  readonly orders: OrderReader;
  readonly #tree: MlCartTree;
  /** The column of the products, and these by their index. */
  readonly #productColumn: number;
  readonly #products: readonly string[];

  constructor(model: Model<MlCartTree>, origin: ModelOrigin) {
    this.model = model;
    this.origin = origin;
    this.version = String(model);
    this.versionJson = JSON.stringify(this.version);
    this.hash = model.modelHash;
    this.features = model.features;
    this.loadedAt = new Date();
    this.orders = new OrderReader(model.features);
    this.#tree = model.model;
    const products = model.features.find((feature) => feature.type === "category");
    this.#productColumn = products ? model.features.indexOf(products) : -1;
    this.#products = products?.categories ?? [];
  }

  /** `s3://bucket/key` of the model's file. */
  get address(): string {
    return `s3://${this.origin.bucket}/${this.origin.key}`;
  }

  /**
   * Predict one order.
   *
   * @param row - As `orders` reads it: one number a column, numbers rounded to float32.
   * @returns Hours to dispatch.
   */
  predict(row: number[]): number {
    return this.#tree.root.classify(row);
  }

  /** The product of a row, as the client named it. */
  productOf(row: readonly number[]): string {
    return this.#products[row[this.#productColumn] ?? -1] ?? "";
  }
}
