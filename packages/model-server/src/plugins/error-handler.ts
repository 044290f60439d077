import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ModelNotLoadedError, RequestValidationError } from "../errors.js";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import { errorFormOf } from "../protocols/error-form.js";
import { pathOf } from "../untrusted.js";
import { unexpectedType } from "./json-body.js";

export interface ErrorHandlerOptions {
  readonly metrics: ServiceMetrics;
  /** `Retry-After` while there is no model. */
  retryAfterSeconds: number;
}

/** `Retry-After` while the service is too busy, which is measured anew every second. */
const BUSY_RETRY_SECONDS = 1;

/**
 * Answers every error with `{"detail": ...}`, as FastAPI does, or in the form of the address's protocol. It logs those that are the
 * service's own.
 */
export function errorHandler(
  app: FastifyInstance,
  { metrics, retryAfterSeconds }: ErrorHandlerOptions,
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof RequestValidationError) {
      metrics.observeRefusal(error, request.servedModel);
      const form = errorFormOf(request.url);
      return reply.code(form.wrongStatus).send(form.showFaults(error));
    }
    const status = statusOf(error);
    // Keep the connection, if the client wants that: the rest of the body is read and dropped.
    if (status === 413) {
      reply.removeHeader("connection");
    }
    if (status === 503) {
      reply.header(
        "retry-after",
        error instanceof ModelNotLoadedError ? retryAfterSeconds : BUSY_RETRY_SECONDS,
      );
    }
    if (status === 500) {
      request.log.error({ err: error }, `Could not answer ${request.method} ${pathOf(request.url)}`);
    }
    return reply
      .code(status)
      .send(errorFormOf(request.url).show(status, sentenceFor(error, status, request)));
  });
  const methodsOf = methodsByAddress(app);
  const answerUnmatched = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const url = pathOf(request.url);
    const [, last] = /([^/]+)\/$/.exec(url) ?? [];
    if (last !== undefined && methodsOf(url.slice(0, -1)).length > 0) {
      // Relative, so that it holds behind a proxy that adds a prefix.
      return reply.redirect(`../${last}${request.url.slice(url.length)}`, 307);
    }
    const allowed = methodsOf(url);
    if (allowed.length === 0) {
      return reply.code(404).send(errorFormOf(request.url).show(404, "Not Found"));
    }
    const body = errorFormOf(request.url).show(405, "Method Not Allowed");
    return reply.code(405).header("allow", allowed.join(", ")).send(body);
  };
  app.setNotFoundHandler(answerUnmatched);
  // Answer 404 before the body is read, because no route takes it.
  app.addHook("onRequest", (request, reply, next) => {
    if (request.is404) {
      answerUnmatched(request, reply);
    } else {
      next();
    }
  });
}

/** Which methods an address has, HEAD aside, by the routes that are registered from now on. */
function methodsByAddress(app: FastifyInstance): (path: string) => string[] {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`);
    routes.push({ pattern, methods: [method].flat().filter((name) => name !== "HEAD") });
  });
  return (path) => routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []));
}

function statusOf(error: FastifyError): number {
  if (error instanceof ModelNotLoadedError) {
    return 503;
  }
  return error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
}

function sentenceFor(error: FastifyError, status: number, request: FastifyRequest): string {
  if (status === 500) {
    return "Internal Server Error";
  }
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return unexpectedType(request);
  }
  if (status === 413) {
    return `The request's body is too large: the limit is ${request.routeOptions.bodyLimit} bytes`;
  }
  return error.message;
}
