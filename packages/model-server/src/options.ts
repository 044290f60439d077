import { inspect } from "node:util";
import type { Feature, Model, ModelClass, S3CallOptions } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { readVersion } from "@ml-pipelines/pipeline-utils/stage";
import type { FastifyInstance } from "fastify";
import { inMessage, propertyOf, titleOf } from "./untrusted.js";

/** The models that are served, for further routes: the one at hand may change with every request. */
export interface ServedModels {
  /** The model that answers now; undefined until the first one is loaded. */
  readonly current: Model<unknown> | undefined;
  /**
   * Predict one input, as the service's own route does: validated by the model's signature, and counted.
   *
   * @param input - One value a feature, by name.
   * @returns A number, or a class by name.
   * @throws An error that the service answers with 422, or with 503 while there is no model.
   */
  predict(input: unknown): number | string;
}

/** A further histogram of predictions, beside `model_prediction_value`: for dashboards that know it by another name. */
export interface PredictionHistogram {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  /** A category feature that each prediction is labelled with. Default: no label. */
  readonly label?: string | undefined;
}

/** What is particular to one service. */
export interface ModelServerOptions {
  /** Names the models: files `models/NAME_….json`, with the same name in them. Others are never served. */
  readonly name: string;
  /** The model types that may be served; each needs `predict`. */
  readonly modelClasses: readonly ModelClass<unknown>[];
  /** Heading of the page and of the documentation. Default: the name in words. */
  readonly title?: string | undefined;
  /** One sentence for the page and the documentation. */
  readonly description?: string | undefined;
  /**
   * Address of single predictions; batches go to `ROUTE/batch`, and `model` and `model/curves` stand beside its last segment.
   * Default: `/predict`.
   */
  readonly route?: string | undefined;
  /** Names the prediction in answers. Default: `prediction`. */
  readonly prediction?: string | undefined;
  /** The fields of a request that clients depend on, with their types: a model with others is refused. Default: any model's. */
  readonly fields?: Readonly<Record<string, Feature["type"]>> | undefined;
  readonly predictionHistogram?: PredictionHistogram | undefined;
  /** Registers further routes. They share the service's limits, headers, errors, metrics and documentation. */
  readonly routes?: ((app: FastifyInstance, models: ServedModels) => void) | undefined;
  /** The program in `/v2` and in messages. Default: `NAME-serve`. */
  readonly program?: string | undefined;
  /** The program's version. Default: that of the package whose program runs. */
  readonly version?: string | undefined;
}

/** Which models a server looks for, and how it logs. */
export interface ModelServerSettings {
  /** Name of the bucket whose `models/` is read, without `s3://`. */
  readonly bucket: string;
  /** Serve this model and no other. Default: follow the newest. */
  readonly modelKey?: string | undefined;
  /** Pause between looks for a newer model, in seconds. Default: 30. */
  readonly pollSeconds?: number | undefined;
  /** Whether files dated more than a day ahead of the clock count. Default: false; they are passed over with a warning. */
  readonly allowFuture?: boolean | undefined;
  /** Whether every request is logged. Default: true. */
  readonly accessLog?: boolean | undefined;
  /** Default: `configureLogger({ module: "serve_model.main" })`. */
  readonly log?: Logger | undefined;
  /** Default: `createS3Client()`, from the environment. */
  readonly client?: S3CallOptions["client"];
  /** Gives up the start. */
  readonly signal?: AbortSignal | undefined;
}

/** The options, checked, with their defaults. */
export interface ServiceDefinition {
  readonly name: string;
  readonly modelClasses: readonly ModelClass<unknown>[];
  readonly title: string;
  readonly description: string;
  readonly route: string;
  readonly prediction: string;
  readonly fields: Readonly<Record<string, Feature["type"]>> | undefined;
  readonly predictionHistogram: PredictionHistogram | undefined;
  readonly routes: ((app: FastifyInstance, models: ServedModels) => void) | undefined;
  readonly program: string;
  readonly version: string;
}

const OPTION_NAMES: readonly (keyof ModelServerOptions)[] = [
  "name",
  "modelClasses",
  "title",
  "description",
  "route",
  "prediction",
  "fields",
  "predictionHistogram",
  "routes",
  "program",
  "version",
];

/** `model_version` stands beside the prediction in every answer. */
const TAKEN_NAME = "model_version";

/**
 * Check the options of a service, and fill in the defaults.
 *
 * @throws {TypeError} An option is unknown, missing or of another type; the message names it.
 */
export function defineService(options: ModelServerOptions): ServiceDefinition {
  checkObject(options);
  const {
    name,
    modelClasses,
    route = "/predict",
    prediction = "prediction",
    program = `${name}-serve`,
  } = options;
  for (const option of Object.keys(options)) {
    if (!OPTION_NAMES.some((known) => known === option)) {
      throw new TypeError(`option ${JSON.stringify(option)} is unknown, expected ${OPTION_NAMES.join(", ")}`);
    }
  }
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`name is ${JSON.stringify(name)}, expected the name of the models to serve`);
  }
  checkModelClasses(modelClasses);
  if (!/^(?:\/[\w.~-]+)+$/.test(route)) {
    throw new TypeError(`route is ${JSON.stringify(route)}, expected an address such as /predict`);
  }
  if (!/^[A-Za-z_]\w*$/.test(prediction) || prediction === TAKEN_NAME) {
    throw new TypeError(
      `prediction is ${JSON.stringify(prediction)}, expected a name other than ${TAKEN_NAME}`,
    );
  }
  const { fields, predictionHistogram, routes, description = "" } = options;
  const title = options.title ?? titleOf(name);
  const version = options.version ?? readVersion(process.argv[1] ?? ".");
  return {
    name,
    modelClasses,
    title,
    description,
    route,
    prediction,
    fields,
    predictionHistogram,
    routes,
    program,
    version,
  };
}

/** @throws {TypeError} For callers without types. */
export function checkObject(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`options is ${inspect(options)}, expected an object`);
  }
}

function checkModelClasses(modelClasses: unknown): void {
  if (!Array.isArray(modelClasses) || modelClasses.length === 0) {
    throw new TypeError("modelClasses is not an array of at least one model class");
  }
  for (const modelClass of modelClasses) {
    if (typeof propertyOf(modelClass, "predict") !== "function") {
      const type = inMessage(propertyOf(modelClass, "modelType"));
      throw new TypeError(`modelClasses: ${type} has no predict, so it cannot be served`);
    }
  }
}
