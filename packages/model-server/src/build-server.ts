import type { IncomingMessage } from "node:http";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import fastify from "fastify";
import type { FastifyInstance, RouteOptions } from "fastify";
import { FastifyLogger } from "./logging/fastify-logger.js";
import { ServiceMetrics } from "./metrics/service-metrics.js";
import type { ModelHolder } from "./model/model-holder.js";
import type { PredictionLogger } from "./model/prediction-logger.js";
import { Predictor } from "./model/predictor.js";
import type { ServedModels, ServiceDefinition } from "./options.js";
import { accessLog } from "./plugins/access-log.js";
import { requireApiKey } from "./plugins/api-keys.js";
import type { ApiKeys } from "./plugins/api-keys.js";
import { clientErrorHandler, refuseConnect } from "./plugins/client-error.js";
import type { ClientErrorHandler } from "./plugins/client-error.js";
import { connectionLimit } from "./plugins/connection-limit.js";
import { cors } from "./plugins/cors.js";
import { draining } from "./plugins/draining.js";
import { earlyAnswer } from "./plugins/early-answer.js";
import { errorHandler } from "./plugins/error-handler.js";
import { extrapolation } from "./plugins/extrapolation.js";
import { jsonBody } from "./plugins/json-body.js";
import { overload } from "./plugins/overload.js";
import { requestContext, requestId } from "./plugins/request-context.js";
import { traceContextOf } from "./plugins/trace-context.js";
import { requestMetrics } from "./plugins/request-metrics.js";
import { Batches } from "./request-body/batches.js";
import { BodyBudget } from "./request-body/body-budget.js";
import { documentation } from "./routes/documentation.js";
import { health } from "./routes/health.js";
import { invocations } from "./routes/invocations.js";
import { metrics as metricsRoute } from "./routes/metrics.js";
import { model } from "./routes/model.js";
import { openInference } from "./routes/open-inference.js";
import { pages } from "./routes/pages.js";
import { predict } from "./routes/predict.js";
import { report } from "./routes/report.js";

/** The parts of a server. */
export interface ServerParts {
  readonly service: ServiceDefinition;
  readonly holder: ModelHolder;
  readonly log: Logger;
  /** How long a client is asked to wait while there is no model yet. */
  readonly retryAfterSeconds: number;
  /** The most bytes of request bodies that are held. */
  readonly bodyBudgetBytes: number;
  /** Origins whose scripts may use the service. */
  readonly corsOrigins: readonly string[];
  /** The keys that requests need; undefined if they need none. */
  readonly apiKeys: ApiKeys | undefined;
  /** Undefined if predictions are not logged. */
  readonly predictionLogger: PredictionLogger | undefined;
  /** Whether every request is logged. */
  readonly accessLog: boolean;
  /** Whether the process cannot keep up, so that predictions are turned away. */
  readonly isLate: () => boolean;
  /** Default: those of every program. */
  readonly limits?: RequestLimits;
}

/** Times in which a request must have arrived and its answer be read, in milliseconds. */
export interface RequestLimits {
  readonly headers: number;
  readonly whole: number;
  /** Without a byte in or out meanwhile: for clients that do not read their answer. */
  readonly silence: number;
}

const REQUEST_LIMITS: RequestLimits = { headers: 5_000, whole: 10_000, silence: 30_000 };
/** Node's own limit: https://nodejs.org/api/cli.html#--max-http-header-sizesize */
const MAX_HEAD_BYTES = 16_384;
/** An idle connection is kept this long: longer than load balancers keep theirs, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** Build the server, without listening: `listen` or `inject` make it ready. */
export async function buildServer({
  service,
  holder,
  log,
  ...options
}: ServerParts): Promise<FastifyInstance> {
  const budget = new BodyBudget(options.bodyBudgetBytes);
  const metrics = new ServiceMetrics({ holder, budget, service, predictionLogger: options.predictionLogger });
  const app = createServer(log, clientErrorHandler(holder, metrics), options.limits);
  refuseConnect(app.server, holder, metrics);
  const { retryAfterSeconds, isLate, apiKeys } = options;

  draining(app);
  earlyAnswer(app);
  jsonBody(app, { budget });
  requestContext(app, { holder });
  if (options.corsOrigins.length > 0) {
    await cors(app, options.corsOrigins);
  }
  // After the headers that every answer carries, which it may give.
  errorHandler(app, { metrics, retryAfterSeconds });
  requestMetrics(app, { metrics });
  if (options.accessLog) {
    accessLog(app, { log: log.child({ module: "serve_model.access" }) });
  }

  const predictor = new Predictor(metrics, options.predictionLogger);
  const batches = new Batches();
  const described = collectRoutes(app);
  const guard = (guarded: FastifyInstance): void => {
    if (apiKeys) {
      requireApiKey(guarded, apiKeys);
    }
  };
  await app.register(async (predictions) => {
    guard(predictions);
    overload(predictions, { isLate });
    extrapolation(predictions);
    predict(predictions, predictor, batches, service);
    model(predictions, service, holder);
    report(predictions);
    invocations(predictions, predictor, batches, service);
    openInference(predictions, { predictor, batches, holder, service });
    service.routes?.(predictions, servedModels(predictor));
  });
  // Health and metrics answer whether there is a model or not, and however busy the service is.
  health(app, { holder, service, retryAfterSeconds });
  metricsRoute(app, { metrics });
  pages(app, service);
  await app.register(async (documents) => {
    guard(documents);
    documentation(documents, { holder, service, routes: described, hasKeys: apiKeys !== undefined });
  });
  return app;
}

/** The routes that are registered from now on. */
function collectRoutes(app: FastifyInstance): RouteOptions[] {
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => {
    routes.push(route);
  });
  return routes;
}

function servedModels(predictor: Predictor): ServedModels {
  return {
    modelOf: (request) => request.servedModel?.model,
    predict: (request, input) => predictor.predict(request, input),
  };
}

function createServer(
  log: Logger,
  onClientError: ClientErrorHandler,
  limits = REQUEST_LIMITS,
): FastifyInstance {
  const app = fastify({
    // Requests have a logger, the application has none of its own: Fastify would wrap it in pino.
    childLoggerFactory: (_none, bindings, _options, raw) => new FastifyLogger(log, withTrace(bindings, raw)),
    logController: new fastify.LogController({ disableRequestLogging: true }),
    // In place of ajv and fast-json-stringify, which take a fifth of the start.
    schemaController: { compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked } },
    genReqId: requestId,
    clientErrorHandler: onClientError,
    // Fastify would answer addresses that cannot be decoded, and long names, past all hooks.
    rewriteUrl: ({ url = "/" }) => decodable(url),
    routerOptions: { maxParamLength: MAX_HEAD_BYTES },
    requestTimeout: limits.whole,
    connectionTimeout: limits.silence,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      headersTimeout: limits.headers,
      connectionsCheckingInterval: 1_000,
      // It is required all the same: see requestContext.
      requireHostHeader: false,
    },
    // A request on a connection that was open before the shutdown is answered, and told that the connection closes.
    return503OnClosing: false,
  });
  connectionLimit(app.server);
  // Node would refuse a client that expects anything but "100-continue".
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  // Schemas describe the routes, and do no more. The model that answers a request validates it (see RowReader), since the signature
  // may change with every model.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  return app;
}

/** The fields of a request's log lines. */
function withTrace(bindings: object, request: IncomingMessage): Readonly<Record<string, unknown>> {
  const trace = traceContextOf(request);
  return trace ? { ...bindings, trace_id: trace.traceId } : { ...bindings };
}

/** An address that can be decoded: one such as `/%zz` is encoded once more, and so stands for itself. */
function decodable(url: string): string {
  if (!url.includes("%")) {
    return url;
  }
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
