import type { LogFormat, Logger } from "@ml-pipelines/pipeline-utils/logging";
import fastify, { type FastifyInstance } from "fastify";
import { FastifyLogger } from "./logging/fastify-logger.js";
import { ServiceMetrics } from "./metrics/service-metrics.js";
import { Forecaster } from "./model/forecaster.js";
import type { ModelHolder } from "./model/model-holder.js";
import { accessLog } from "./plugins/access-log.js";
import { type ClientErrorHandler, clientErrorHandler, refuseConnect } from "./plugins/client-error.js";
import { draining } from "./plugins/draining.js";
import { errorHandler } from "./plugins/error-handler.js";
import { jsonBody } from "./plugins/json-body.js";
import { overload } from "./plugins/overload.js";
import { requestContext, requestId } from "./plugins/request-context.js";
import { requestMetrics } from "./plugins/request-metrics.js";
import { openapi } from "./routes/openapi.js";
import { operationRoutes } from "./routes/operation-routes.js";
import { pages } from "./routes/pages.js";
import { predictionRoutes } from "./routes/prediction-routes.js";
import { readVersion } from "./version.js";

/** What the service is built of. */
export interface AppOptions {
  holder: ModelHolder;
  log: Logger;
  /** How long a client is asked to wait when there is no model yet. */
  retryAfterSeconds: number;
  /** Whether every request is logged, and in which form lines are. */
  accessLog: boolean;
  logFormat: LogFormat;
  /** Whether the process cannot keep up, so that predictions are turned away. */
  isLate: () => boolean;
}

/** A request must have arrived whole within this time, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Its head within this time. */
const HEADERS_TIMEOUT_MS = 5_000;
/** Node's own limit: https://nodejs.org/api/cli.html#--max-http-header-sizesize */
const MAX_HEAD_BYTES = 16_384;
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
  const version = readVersion();
  const metrics = new ServiceMetrics(holder);
  const app = createServer(log, clientErrorHandler(holder, metrics));
  refuseConnect(app.server, holder, metrics);
  const forecaster = new Forecaster(metrics);
  const { retryAfterSeconds, isLate } = options;

  draining(app);
  jsonBody(app);
  requestContext(app, { holder });
  // After what every answer carries, which it may give.
  errorHandler(app, { retryAfterSeconds });
  requestMetrics(app, { metrics });
  if (options.accessLog) {
    const module = "serve_model.access";
    accessLog(app, { log: log.child({ module }), format: options.logFormat });
  }

  await app.register(async (predictions) => {
    overload(predictions, { isLate });
    predictionRoutes(predictions, { forecaster, version });
  });
  operationRoutes(app, { holder, metrics, retryAfterSeconds });
  pages(app);
  const register = (described: FastifyInstance) => {
    predictionRoutes(described, { forecaster, version });
    operationRoutes(described, { holder, metrics, retryAfterSeconds });
  };
  openapi(app, { holder, register, version });
  return app;
}

function createServer(log: Logger, onClientError: ClientErrorHandler): FastifyInstance {
  const app = fastify({
    // Requests have a logger, the application has none of its own: Fastify would wrap it in pino.
    childLoggerFactory: (_none, bindings) => new FastifyLogger(log, bindings),
    logController: new fastify.LogController({ disableRequestLogging: true }),
    // In place of ajv and fast-json-stringify, which take a fifth of the start.
    schemaController: { compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked } },
    genReqId: requestId,
    clientErrorHandler: onClientError,
    // What Fastify would answer past all hooks: an address that cannot be decoded, and names longer than it likes.
    rewriteUrl: ({ url = "/" }) => decodable(url),
    routerOptions: { maxParamLength: MAX_HEAD_BYTES },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      // It is required all the same: see requestContext.
      requireHostHeader: false,
    },
    // A request on a connection that was open before the shutdown is answered, and told that the connection closes.
    return503OnClosing: false,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  // What a client expects beside "100-continue" is nothing to refuse it for, as Node does.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  // Schemas describe the routes, and do no more: requests are validated by the model that answers them, whose signature may change
  // with every model (see OrderReader), and answers are made as they are described.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  return app;
}

/** An address that cannot be decoded, as one that is decoded to what it is: `/%zz`, as the original has it. */
function decodable(url: string): string {
  if (!url.includes("%")) return url;
  try {
    decodeURI(url);
    return url;
  } catch {
    return encodeURI(url);
  }
}

function neverAsked(): never {
  throw new Error("schemas are compiled by the compilers of the application");
}
