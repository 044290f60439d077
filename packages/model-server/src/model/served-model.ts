import { describeRow } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, Model, ModelClass, Target } from "@ml-pipelines/pipeline-utils/aws";
import type { FastifyRequest } from "fastify";
import { ModelNotLoadedError } from "../errors.js";
import { RowReader } from "../validation/row-reader.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The model that answers this request, whatever is swapped in meanwhile; undefined if there was none when it came in. */
    servedModel: ServedModel | undefined;
  }
}

/** The object a model was read from. */
export interface ModelOrigin {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; undefined for a pinned model, which is never compared with another. */
  readonly etag?: string;
  /** The version that an alias names, if the bucket keeps versions. */
  readonly versionId?: string | undefined;
  /** Sha256 of the whole file, in hex, as an alias records it. */
  readonly sha256?: string;
}

/** `s3://bucket/key` of a model's file. */
export function addressOf({ bucket, key }: ModelOrigin): string {
  return `s3://${bucket}/${key}`;
}

/** The one value that a row is answered with: a number, or a class by name. */
export type Prediction = number | string;

/** A model class that predicts. */
export type ServableClass = ModelClass<unknown> & Required<Pick<ModelClass<unknown>, "predict">>;

/** A row of many features is cut short in messages. */
const MAX_SHOWN_CHARACTERS = 200;

/** Whether models of a class can be served. */
export function isServable(modelClass: ModelClass<unknown>): modelClass is ServableClass {
  return modelClass.predict !== undefined;
}

/**
 * One verified model, ready to answer. Made by `admitModel`.
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
    return addressOf(this.origin);
  }

  /**
   * Predict one row.
   *
   * @param row - As `rows` reads it: one number a feature.
   * @returns A finite number; for a category target, the index of a class.
   * @throws {RangeError} The model gave anything else, which is the model's fault.
   */
  predict(row: readonly number[]): number {
    const value: unknown = this.modelClass.predict(this.model.model, row);
    if (typeof value === "number" && this.#isAllowed(value)) {
      return value;
    }
    const expected =
      this.classes === undefined ? "a finite number" : `the index of one of ${this.classes.length} classes`;
    const input = describeRow(this.features, row).slice(0, MAX_SHOWN_CHARACTERS);
    const shown = typeof value === "number" ? String(value) : `a ${typeof value}`;
    throw new RangeError(`${this.address}: the prediction for ${input} is ${shown}, expected ${expected}`);
  }

  #isAllowed(value: number): boolean {
    return this.classes === undefined
      ? Number.isFinite(value)
      : Number.isInteger(value) && value >= 0 && value < this.classes.length;
  }

  /** A prediction as clients know it. */
  answer(value: number): Prediction {
    return this.classes?.[value] ?? value;
  }
}

/**
 * The model that answers a request.
 *
 * @throws {ModelNotLoadedError} There is none; answered with 503.
 */
export function loadedModel(request: FastifyRequest): ServedModel {
  if (!request.servedModel) {
    throw new ModelNotLoadedError();
  }
  return request.servedModel;
}
