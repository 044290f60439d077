import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { S3Error } from "../errors.js";
import type { BlobStream } from "../store/blobs.js";
import { element, errorDocument } from "../xml/writer.js";

export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML, or the bytes of an object. With bytes, `headers` has their Content-Length. */
  readonly body?: string | BlobStream;
}

export function xmlResponse(body: string, headers: Readonly<Record<string, string>> = {}): S3Response {
  return { status: 200, headers, body };
}

/**
 * Send a response.
 *
 * @param requestRead - Given if the request has not arrived completely; resolves when it has. The response is sent at
 *   once but ends only then: a client that still sends would see a broken connection instead of the response.
 * @throws {Error} The connection was lost, or an object's bytes could not be read. The connection is then closed, so
 *   that the client sees a broken response, never a short one.
 */
export async function sendResponse(
  response: ServerResponse,
  method: string,
  { status, headers = {}, body = "" }: S3Response,
  requestRead?: Promise<void>,
): Promise<void> {
  if (typeof body !== "string") {
    try {
      response.writeHead(status, headers);
      await pipeline(Readable.from(body.bytes, { objectMode: false, highWaterMark: 1 << 20 }), response);
    } finally {
      body.release();
    }
    return;
  }
  const bytes = Buffer.from(body);
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...(bytes.length > 0 ? { "content-type": "application/xml" } : {}),
    ...(bodiless || (method === "HEAD" && bytes.length === 0)
      ? {}
      : { "content-length": String(bytes.length) }),
    ...headers,
  });
  const sent = method === "HEAD" || bodiless ? Buffer.alloc(0) : bytes;
  if (requestRead === undefined) {
    response.end(sent);
    return;
  }
  response.flushHeaders();
  response.write(sent);
  await requestRead;
  response.end();
}

/** The response to a failed request. */
export function errorResponse(error: S3Error, resource: string, requestId: string): S3Response {
  const details = Object.entries(error.details).map(([name, value]) => element(name, value));
  return {
    status: error.status,
    headers: { ...error.headers },
    body: errorDocument([
      element("Code", error.code),
      element("Message", error.message),
      ...details,
      element("Resource", resource),
      element("RequestId", requestId),
    ]),
  };
}
