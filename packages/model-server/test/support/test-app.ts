import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { buildServer } from "../../src/build-server.js";
import type { RequestLimits } from "../../src/build-server.js";
import { AliasRule } from "../../src/model/alias-rule.js";
import { ModelHolder } from "../../src/model/model-holder.js";
import { ModelSource } from "../../src/model/model-source.js";
import { PredictionLogger } from "../../src/model/prediction-logger.js";
import { NewestRule } from "../../src/model/newest-rule.js";
import type { ApiKeys } from "../../src/plugins/api-keys.js";
import { defineService } from "../../src/options.js";
import type { ModelServerOptions } from "@ml-pipelines/model-server";
import { recordingLogger } from "./recording-logger.js";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { timeToDispatch } from "./time-to-dispatch.mjs";

/** The service without a listening socket, on a real S3 server. */
export interface TestApp {
  app: FastifyInstance;
  holder: ModelHolder;
  storage: ModelStorage;
  lines: string[];
  refresh(): Promise<string>;
  get(url: string): Promise<LightMyRequestResponse>;
  /** As JSON. */
  post(url: string, payload: string | object): Promise<LightMyRequestResponse>;
  stop(): Promise<void>;
}

/** Ways in which a test's service may differ from the default one. */
export interface TestAppOptions {
  /** Default: those of the article's service. */
  options?: ModelServerOptions;
  /** Whether it cannot keep up. Default: never, however busy the machine is. */
  isLate?: () => boolean;
  /** Default: the newest model is served. */
  alias?: string;
  /** Whether files dated ahead of the clock count. Default: false. */
  allowFuture?: boolean;
  /** Default: those of every program. */
  limits?: RequestLimits;
  /** Default: that of every program. */
  bodyBudgetBytes?: number;
  /** Default: none. */
  corsOrigins?: readonly string[];
  /** Default: requests need no key. */
  apiKeys?: ApiKeys;
  /** Whether predictions are logged. Default: not. */
  logPredictions?: boolean;
  /** Default: all. */
  logInputs?: readonly string[];
  /** Default: a storage of its own, which is stopped with the service. */
  storage?: ModelStorage;
}

/** Start a service; stop it after the tests. */
export async function startTestApp(given: TestAppOptions = {}): Promise<TestApp> {
  const { options = timeToDispatch, isLate = () => false, allowFuture = false } = given;
  const storage = given.storage ?? (await ModelStorage.start());
  const log = recordingLogger();
  const service = defineService({ ...options, version: "1.2.3" });
  const source = new ModelSource({ service, bucket: BUCKET, allowFuture, client: storage.client, log });
  const { alias } = given;
  const rule =
    alias === undefined
      ? new NewestRule(service.name, source, log)
      : new AliasRule(service.name, alias, source, log);
  const holder = new ModelHolder(rule, source, log);
  const logger = { bucket: BUCKET, name: service.name, inputs: given.logInputs, client: storage.client, log };
  const predictionLogger = given.logPredictions === true ? new PredictionLogger(logger) : undefined;
  const app = await buildServer({
    service,
    predictionLogger,
    holder,
    log,
    retryAfterSeconds: 30,
    bodyBudgetBytes: given.bodyBudgetBytes ?? 32 * 1_048_576,
    corsOrigins: given.corsOrigins ?? [],
    apiKeys: given.apiKeys,
    accessLog: true,
    isLate,
    ...(given.limits === undefined ? {} : { limits: given.limits }),
  });
  return {
    app,
    holder,
    storage,
    lines: log.lines,
    refresh: () => holder.refresh(new AbortController().signal),
    get: async (url) => app.inject({ method: "GET", url }),
    post: async (url, payload) =>
      app.inject({ method: "POST", url, payload, headers: { "content-type": "application/json" } }),
    stop: async () => {
      await app.close();
      await predictionLogger?.close();
      if (given.storage === undefined) {
        await storage.stop();
      }
    },
  };
}
