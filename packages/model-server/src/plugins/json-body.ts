import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError, RequestValidationError } from "../errors.js";
import { notJson } from "../validation/validation-detail.js";

/**
 * Reads request bodies as FastAPI does: as JSON if the content type says so or is missing, an empty body as none.
 *
 * Names such as `__proto__` are harmless here: requests are read by own names only.
 */
export function jsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, parsed) => {
    parseJson(request, body, parsed);
  });
  app.addContentTypeParser("*", { parseAs: "buffer" }, (request, body, parsed) => {
    const type = request.headers["content-type"];
    if (type === undefined || /^application\/[\w.-]+\+json\b/i.test(type)) {
      parseJson(request, body, parsed);
    } else {
      parsed(new HttpError(415, unexpectedType(request)));
    }
  });
}

/** The sentence for a body of another content type. */
export function unexpectedType({ headers }: FastifyRequest): string {
  return `Content type is ${JSON.stringify(headers["content-type"])}, expected application/json`;
}

type Parsed = (error: Error | null, body?: unknown) => void;

function parseJson({ headers }: FastifyRequest, body: string | Buffer, parsed: Parsed): void {
  if (body.length === 0) {
    parsed(null);
    return;
  }
  if (typeof body !== "string" && !isUtf8(body)) {
    const encoding = headers["content-encoding"];
    // Compressed bytes are no UTF-8.
    const error =
      encoding === undefined
        ? new HttpError(400, "There was an error parsing the body: it is not UTF-8")
        : new HttpError(415, `Content encoding is ${JSON.stringify(encoding)}, expected none`);
    parsed(error);
    return;
  }
  const sent = body.toString();
  const text = sent.startsWith("\ufeff") ? sent.slice(1) : sent;
  try {
    parsed(null, JSON.parse(text));
  } catch (error) {
    parsed(new RequestValidationError([notJson(error)]));
  }
}
