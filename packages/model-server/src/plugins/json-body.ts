import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError, RequestValidationError } from "../errors.js";
import { ROW_BODY_LIMIT } from "../limits.js";
import { LargeBody, textOf } from "../request-body/batches.js";
import type { BodyBudget, ReceivedBody } from "../request-body/body-budget.js";
import { notJson } from "../validation/validation-detail.js";

/**
 * Reads request bodies as FastAPI does: as JSON if the content type says so or is missing, an empty body as none.
 *
 * Names such as `__proto__` are harmless here: requests are read by own names only.
 */
export function jsonBody(app: FastifyInstance, { budget }: { budget: BodyBudget }): void {
  const receive = (request: FastifyRequest, parsed: Parsed): void => {
    const { bodyLimit } = request.routeOptions;
    const length = Number(request.headers["content-length"]);
    budget.receive(request.raw, bodyLimit, length, (error, body) => {
      if (body === undefined) {
        parsed(error);
      } else {
        parse(request, body, parsed);
      }
    });
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", (request, _payload, parsed) => {
    receive(request, parsed);
  });
  app.addContentTypeParser("*", (request, _payload, parsed) => {
    const type = request.headers["content-type"];
    if (type === undefined || /^application\/[\w.-]+\+json\b/i.test(type)) {
      receive(request, parsed);
    } else {
      parsed(new HttpError(415, unexpectedType(request)));
    }
  });
  // A hook before the handler may have answered, and the handler has not taken the body.
  app.addHook("onSend", ({ body }, _reply, payload, next) => {
    if (body instanceof LargeBody) {
      body.received.drop();
    }
    next(null, payload);
  });
}

/** The sentence for a body of another content type. */
export function unexpectedType({ headers }: FastifyRequest): string {
  return `Content type is ${JSON.stringify(headers["content-type"])}, expected application/json`;
}

type Parsed = (error: Error | null, body?: unknown) => void;

function parse(request: FastifyRequest, body: ReceivedBody, parsed: Parsed): void {
  if (body.length === 0) {
    parsed(null);
  } else if (body.length > ROW_BODY_LIMIT && request.routeOptions.config.takesRows === true) {
    parsed(null, new LargeBody(body));
  } else {
    parseAtOnce(request, body.take(), parsed);
  }
}

function parseAtOnce(request: FastifyRequest, bytes: Buffer, parsed: Parsed): void {
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytes, request));
  } catch (error) {
    parsed(error instanceof SyntaxError ? new RequestValidationError([notJson(error)]) : asError(error));
    return;
  }
  parsed(null, value);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
