import { inspect } from "node:util";
import type { Feature, Model, ModelClass, S3CallOptions } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { readVersion } from "@ml-pipelines/pipeline-utils/stage";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { MAX_BODY_BUDGET_MIB, MAX_POLL_SECONDS, MIN_BODY_BUDGET_MIB, MIN_POLL_SECONDS } from "./limits.js";
import { inMessage, isObject, propertyOf, titleOf } from "./untrusted.js";

/** The models that are served, for further routes. Each request has its own: another may be swapped in meanwhile. */
export interface ServedModels {
  /** The model that answers a request; undefined while there is none. */
  modelOf(request: FastifyRequest): Model<unknown> | undefined;
  /**
   * Predict one input, as the service's own route does: validated by the model's signature, and counted.
   *
   * @param input - One value a feature, by name.
   * @returns A number, or a class by name.
   * @throws An error that the service answers with 422, or with 503 while there is no model.
   */
  predict(request: FastifyRequest, input: unknown): number | string;
}

/** A histogram of predictions under a name of your own, beside `model_prediction_value`. */
export interface PredictionHistogram {
  /** A metric name of Prometheus, outside the service's own prefixes: `model_`, `dataset_`, `http_`, `service_`, `process_`, `nodejs_`. */
  readonly name: string;
  /** One sentence for the `# HELP` line, with the unit. */
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  /** A category feature that each prediction is labelled with. Default: no label. */
  readonly label?: string | undefined;
}

/** The options of one service: its models, its names and its further routes. */
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
  /** A further histogram of predictions, for dashboards that know it by another name. Default: none. */
  readonly predictionHistogram?: PredictionHistogram | undefined;
  /**
   * Registers further routes. They share the service's limits, headers, errors, metrics and documentation. Their schemas describe them,
   * and validate nothing: `models.predict` does.
   */
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
  /**
   * Serve the model that this alias of the registry names, such as `production`, and follow its moves. Excludes `modelKey`. Default:
   * follow the newest.
   */
  readonly alias?: string | undefined;
  /** Pause between looks for a newer model, in seconds. Default: 30. */
  readonly pollSeconds?: number | undefined;
  /** Whether files dated more than a day ahead of the clock count. Default: false; they are passed over with a warning. */
  readonly allowFuture?: boolean | undefined;
  /**
   * The most bytes of request bodies that the process holds, in MiB; bodies up to 16 KiB do not count. Beyond it the oldest unfinished
   * request gets 503. Default: 32.
   */
  readonly bodyBudgetMib?: number | undefined;
  /** Origins whose scripts may use the service, each as `https://shop.example`; `["*"]` for all. Default: none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /**
   * A file of API keys, one a line. Requests other than for health and metrics need one, as `Authorization: Bearer KEY`. The file is
   * read again when it changes. Default: no keys are asked for.
   */
  readonly apiKeysFile?: string | undefined;
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
  /** Git commit of the program's code: `GIT_COMMIT_HASH` of the environment, which images set; else `NA`. */
  readonly commit: string;
}

/** `model_version` stands beside the prediction in every answer. */
const TAKEN_NAME = "model_version";

/** `*`, or origins as browsers send them, divided by commas. */
export const ORIGINS = /^(?:\*|https?:\/\/[a-z\d.-]+(?::\d{1,5})?(?:,https?:\/\/[a-z\d.-]+(?::\d{1,5})?)*)$/;

const FIELD_TYPES: readonly unknown[] = ["number", "category", "boolean"] satisfies Feature["type"][];
const METRIC_NAME = /^[a-zA-Z_:][\w:]*$/;

/** A rule for one option: whether a value is allowed, and the words for a message. */
type Rule = readonly [isAllowed: (value: unknown) => boolean, expected: string];

const isText = (value: unknown): boolean => typeof value === "string";
const isMatch = (value: unknown, pattern: RegExp): boolean =>
  typeof value === "string" && pattern.test(value);

/** An option that is undefined has its default; the first two have none. */
const RULES: Readonly<Record<keyof ModelServerOptions, Rule>> = {
  name: [(value) => isMatch(value, /^[^/\p{Cc}]+$/u), "the name of the models to serve, without a slash"],
  modelClasses: [(value) => Array.isArray(value) && value.length > 0, "an array of at least one model class"],
  title: [isText, "text"],
  description: [isText, "text"],
  route: [(value) => isMatch(value, /^(?:\/[\w.~-]+)+$/), "an address such as /predict"],
  prediction: [
    (value) => isMatch(value, /^[A-Za-z_]\w*$/) && value !== TAKEN_NAME,
    `a name other than ${TAKEN_NAME}`,
  ],
  fields: [
    (value) => isObject(value) && Object.values(value).every((type) => FIELD_TYPES.includes(type)),
    `field names with ${FIELD_TYPES.join(", ")}`,
  ],
  predictionHistogram: [
    isHistogram,
    "a Prometheus metric name outside the reserved prefixes, help, and ascending buckets",
  ],
  routes: [(value) => typeof value === "function", "a function"],
  program: [isText, "text"],
  version: [isText, "text"],
};

const SETTING_RULES: Readonly<
  Record<
    | "bucket"
    | "modelKey"
    | "alias"
    | "pollSeconds"
    | "allowFuture"
    | "bodyBudgetMib"
    | "corsOrigins"
    | "apiKeysFile"
    | "accessLog",
    Rule
  >
> = {
  bucket: [(value) => isMatch(value, /./), "the name of a bucket"],
  modelKey: [isText, "the key of a model"],
  alias: [isText, "the name of an alias"],
  pollSeconds: [
    (value) => typeof value === "number" && value >= MIN_POLL_SECONDS && value <= MAX_POLL_SECONDS,
    `${MIN_POLL_SECONDS} to ${MAX_POLL_SECONDS}`,
  ],
  allowFuture: [(value) => typeof value === "boolean", "true or false"],
  bodyBudgetMib: [
    (value) => typeof value === "number" && value >= MIN_BODY_BUDGET_MIB && value <= MAX_BODY_BUDGET_MIB,
    `${MIN_BODY_BUDGET_MIB} to ${MAX_BODY_BUDGET_MIB}`,
  ],
  corsOrigins: [
    (value) => Array.isArray(value) && (value.length === 0 || isMatch(value.join(","), ORIGINS)),
    'an array of origins such as https://shop.example, or ["*"]',
  ],
  apiKeysFile: [isText, "the path of a file"],
  accessLog: [(value) => typeof value === "boolean", "true or false"],
};

/**
 * Check the options of a service, and fill in the defaults.
 *
 * @throws {TypeError} An option is unknown, missing or of another type; the message names it.
 */
export function defineService(options: ModelServerOptions): ServiceDefinition {
  checkObject(options);
  for (const option of Object.keys(options)) {
    if (!Object.hasOwn(RULES, option)) {
      throw new TypeError(
        `option ${JSON.stringify(option)} is unknown, expected ${Object.keys(RULES).join(", ")}`,
      );
    }
  }
  checkRules(options, RULES, ["name", "modelClasses"]);
  for (const modelClass of options.modelClasses) {
    if (typeof propertyOf(modelClass, "predict") !== "function") {
      const type = inMessage(propertyOf(modelClass, "modelType"));
      throw new TypeError(`modelClasses: ${type} has no predict, so it cannot be served`);
    }
  }
  const { name, modelClasses, fields, predictionHistogram, routes } = options;
  const {
    route = "/predict",
    prediction = "prediction",
    description = "",
    program = `${name}-serve`,
  } = options;
  const title = options.title ?? titleOf(name);
  const version = options.version ?? readVersion(process.argv[1] ?? ".");
  const given = { name, modelClasses, fields, predictionHistogram, routes };
  const commit = process.env.GIT_COMMIT_HASH ?? "NA";
  return { ...given, title, description, route, prediction, program, version, commit };
}

/**
 * Check the settings of a server.
 *
 * @throws {TypeError} A setting is missing, of another type, or excluded by another; the message names it.
 */
export function checkSettings(settings: Pick<ModelServerSettings, keyof typeof SETTING_RULES>): void {
  checkRules(settings, SETTING_RULES, ["bucket"]);
  const { modelKey, alias } = settings;
  if (modelKey !== undefined && alias !== undefined) {
    throw new TypeError(`modelKey is ${inspect(modelKey)}, expected none beside alias ${inspect(alias)}`);
  }
}

function checkRules(
  options: object,
  rules: Readonly<Record<string, Rule>>,
  required: readonly string[],
): void {
  for (const [name, [isAllowed, expected]] of Object.entries(rules)) {
    const value = propertyOf(options, name);
    const isMissing = value === undefined && !required.includes(name);
    if (!isMissing && !isAllowed(value)) {
      throw new TypeError(`${name} is ${inspect(value, { depth: 0 })}, expected ${expected}`);
    }
  }
}

/** @throws {TypeError} For callers without types. */
export function checkObject(options: unknown): void {
  if (!isObject(options)) {
    throw new TypeError(`options is ${inspect(options)}, expected an object`);
  }
}

function isHistogram(value: unknown): boolean {
  const buckets = propertyOf(value, "buckets");
  const name = propertyOf(value, "name");
  const numbers: unknown[] = Array.isArray(buckets) ? buckets : [];
  const isAscending = numbers.every(
    (bucket, i) => typeof bucket === "number" && !(bucket <= Number(numbers[i - 1])),
  );
  const isTaken = isMatch(name, /^(?:model|http|service|process|nodejs|dataset)_/);
  return (
    isMatch(name, METRIC_NAME) &&
    !isTaken &&
    isText(propertyOf(value, "help")) &&
    isAscending &&
    numbers.length > 0
  );
}
