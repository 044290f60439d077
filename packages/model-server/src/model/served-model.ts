import { describeRow } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, Model, ModelClass, Target } from "@ml-pipelines/pipeline-utils/aws";
import { RowReader } from "../validation/row-reader.js";

/** The object a model was read from. */
export interface ModelOrigin {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; undefined for a pinned model, which is never compared with another. */
  readonly etag?: string;
}

/** The one value that a row is answered with: a number, or a class by name. */
export type Prediction = number | string;

/** A model class that predicts. */
export type ServableClass = ModelClass<unknown> & Required<Pick<ModelClass<unknown>, "predict">>;

/** Whether models of a class can be served. */
export function isServable(modelClass: ModelClass<unknown>): modelClass is ServableClass {
  return modelClass.predict !== undefined;
}

/**
 * One verified model, ready to answer. Made by `verifyModel`.
 *
 * It holds all that a request needs. A request that took a reference to it is answered by it alone, whatever is swapped in meanwhile.
 */
export class ServedModel {
  readonly model: Model<unknown>;
  readonly modelClass: ServableClass;
  readonly origin: ModelOrigin;
  /** The one line that every prediction carries. */
  readonly version: string;
  /** The same as JSON. */
  readonly versionJson: string;
  readonly hash: string;
  readonly features: readonly Feature[];
  readonly target: Target | undefined;
  /** The classes of a category target, by index; undefined for a number. */
  readonly classes: readonly string[] | undefined;
  /** UTC. */
  readonly loadedAt: Date;
  readonly rows: RowReader;

  constructor(model: Model<unknown>, modelClass: ServableClass, origin: ModelOrigin) {
    this.model = model;
    this.modelClass = modelClass;
    this.origin = origin;
    this.version = String(model);
    this.versionJson = JSON.stringify(this.version);
    this.hash = model.modelHash;
    this.features = model.features;
    this.target = model.target;
    this.classes = model.target?.type === "category" ? model.target.categories : undefined;
    this.loadedAt = new Date();
    this.rows = new RowReader(model.features);
  }

  /** `s3://bucket/key` of the model's file. */
  get address(): string {
    return `s3://${this.origin.bucket}/${this.origin.key}`;
  }

  /**
   * Predict one row.
   *
   * @param row - As `rows` reads it: one number a feature.
   * @returns A finite number; for a category target, the index of a class.
   * @throws {RangeError} The model gave anything else, which is the model's fault.
   */
  predict(row: readonly number[]): number {
    const value = this.modelClass.predict(this.model.model, row);
    if (this.classes === undefined ? Number.isFinite(value) : this.classes[value] !== undefined) {
      return value;
    }
    const expected =
      this.classes === undefined ? "a finite number" : `the index of one of ${this.classes.length} classes`;
    throw new RangeError(
      `${this.address}: the prediction for ${describeRow(this.features, row)} is ${value}, expected ${expected}`,
    );
  }

  /** A prediction as clients know it. */
  answer(value: number): Prediction {
    return this.classes?.[value] ?? value;
  }
}
