import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { FastifyLogger } from "./logging/fastify-logger.js";
import { ServiceMetrics } from "./metrics/service-metrics.js";
import { Forecaster } from "./model/forecaster.js";
import type { ModelHolder } from "./model/model-holder.js";
import { describeRoutes } from "./openapi-document.js";
import { accessLog } from "./plugins/access-log.js";
import { answerClientError } from "./plugins/client-error.js";
import { draining } from "./plugins/draining.js";
import { answerFrameworkError, errorHandler } from "./plugins/error-handler.js";
import { jsonBody } from "./plugins/json-body.js";
import { overload } from "./plugins/overload.js";
import { requestContext, requestId } from "./plugins/request-context.js";
import { requestMetrics } from "./plugins/request-metrics.js";
import { openapi } from "./routes/openapi.js";
import { operationRoutes } from "./routes/operation-routes.js";
import { pages } from "./routes/pages.js";
import { predictionRoutes } from "./routes/prediction-routes.js";
import { SHARED_SCHEMAS } from "./schemas/shared-schemas.js";
import { readVersion } from "./version.js";

/** What the service is built of. */
export interface AppOptions {
  holder: ModelHolder;
  log: Logger;
  /** How long a client is asked to wait when there is no model yet. */
  retryAfterSeconds: number;
  /** Whether every request is logged. */
  accessLog: boolean;
}

/** A request must have arrived whole within this time, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Its head within this time. */
const HEADERS_TIMEOUT_MS = 5_000;
/** An idle connection is kept this long: longer than load balancers keep theirs, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Further connections are closed at once. */
const MAX_CONNECTIONS = 2_000;

/**
 * Build the service, without listening.
 *
 * @returns The application; `listen` or `inject` make it ready.
 */
export async function buildApp({ holder, log, ...options }: AppOptions): Promise<FastifyInstance> {
  const app = createServer(log);
  const version = readVersion();
  const metrics = new ServiceMetrics(holder);
  const forecaster = new Forecaster(metrics);
  const { retryAfterSeconds } = options;

  await app.register(errorHandler, { retryAfterSeconds });
  await app.register(draining);
  await app.register(jsonBody);
  await app.register(requestContext, { holder });
  await app.register(requestMetrics, { metrics });
  if (options.accessLog) await app.register(accessLog, { log: log.child({ module: "serve_model.access" }) });

  await app.register(async (predictions) => {
    await predictions.register(overload);
    await predictionRoutes(predictions, { forecaster, version });
  });
  operationRoutes(app, { holder, metrics, retryAfterSeconds });
  pages(app);
  const describe = async () =>
    describeRoutes(async (described) => {
      await predictionRoutes(described, { forecaster, version });
      operationRoutes(described, { holder, metrics, retryAfterSeconds });
    }, version);
  openapi(app, { holder, describe });
  return app;
}

function createServer(log: Logger): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = new FastifyLogger(log);
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1_000 },
    // A request on a connection that was open before the shutdown is answered, and told that the connection closes.
    return503OnClosing: false,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  // Requests are validated by the model that answers them, whose signature may change with every model; see OrderReader.
  app.setValidatorCompiler(() => () => true);
  for (const schema of SHARED_SCHEMAS) app.addSchema(schema);
  return app;
}
