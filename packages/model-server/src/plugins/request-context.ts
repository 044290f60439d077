import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { HttpError } from "../errors.js";
import type { ModelHolder } from "../model/model-holder.js";
import type { ServedModel } from "../model/served-model.js";
import { traceContextOf } from "./trace-context.js";

/** Headers of every response: browsers must not guess its type, run or frame it, or keep it. Pages replace the last two. */
const FIXED_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/** Fix the model of each request, and set the headers of every response. */
export function requestContext(app: FastifyInstance, { holder }: { holder: ModelHolder }): void {
  app.decorateRequest("servedModel", undefined);
  app.addHook("onRequest", (request, reply, next) => {
    // First, so that they are on the answer whatever fails from here on.
    reply.headers(FIXED_HEADERS);
    reply.header("x-request-id", request.id);
    const trace = traceContextOf(request.raw);
    if (trace) {
      reply.header("traceparent", trace.traceparent);
    }
    const model = holder.current;
    request.servedModel = model;
    if (model) {
      reply.headers(headersOfModel(model));
    }
    const fault = faultOfHost(request.raw);
    next(fault === undefined ? undefined : new HttpError(400, fault));
  });
}

/** A name or an address, and a port; all of them may be empty. https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2 */
const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i;

/**
 * Why a request has to be rejected for its Host header. Proxies may take another one of two hosts than this service does.
 *
 * Node would answer a missing one itself, without our headers. https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
function faultOfHost({ headers, rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  const { host } = headers;
  if (host === undefined) {
    return httpVersion === "1.1" ? "The request has no Host header" : undefined;
  }
  if (!HOST.test(host)) {
    return "The request's Host header is no host";
  }
  const isHost = (text: string, index: number): boolean =>
    index % 2 === 0 && text.length === "host".length && text.toLowerCase() === "host";
  return rawHeaders.findIndex(isHost) === rawHeaders.findLastIndex(isHost)
    ? undefined
    : "The request has more than one Host header";
}

/** Headers of answers to malformed requests. */
export function headersOfUnread(model: ServedModel | undefined): Record<string, string> {
  const headers = { ...FIXED_HEADERS, "x-request-id": newRequestId() };
  return model ? { ...headers, ...headersOfModel(model) } : headers;
}

const modelHeaders = new WeakMap<ServedModel, Record<string, string>>();

/** Which model answers: its hash, and the key of its file, percent-encoded as in an address. */
function headersOfModel(model: ServedModel): Record<string, string> {
  let headers = modelHeaders.get(model);
  if (headers === undefined) {
    headers = { "x-model-hash": model.hash, "x-model-key": encodeURI(model.origin.key) };
    modelHeaders.set(model, headers);
  }
  return headers;
}

/** Tells the requests of this process from those of its replicas, and of the processes before it. */
const PROCESS_ID = randomBytes(6).toString("hex");
let requests = 0;

/** The id that the client gave the request, if it is one fit for a log line and a header; else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  if (typeof given === "string" && /^[\w.:/+=-]{1,128}$/.test(given)) {
    return given;
  }
  return newRequestId();
}

function newRequestId(): string {
  requests += 1;
  return `${PROCESS_ID}-${requests}`;
}
