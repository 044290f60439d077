import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Error } from "../s3-error.js";
import { element, errorDocument } from "../xml/write-xml.js";
import type { S3Response } from "./s3-response.js";

/**
 * Send an answer.
 *
 * @param requestRead - Where the request has not come in whole, resolves when it has. The answer is sent at once, but the connection, should it
 * not be kept, is closed no sooner: a client that still sends would see a broken connection and not the answer.
 * @throws {Error} The connection was lost, or an object's bytes could not be read; the connection is then closed,
 * so that the client sees a broken answer, never a short one.
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

/** The answer to a request that failed. */
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
