import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Error } from "../s3-error.js";
import { element, errorDocument } from "../xml/write-xml.js";
import type { S3Response } from "./s3-response.js";

/**
 * Send an answer.
 *
 * @throws {Error} The connection was lost, or an object's bytes could not be read; the connection is then closed,
 * so that the client sees a broken answer, never a short one.
 */
export async function sendResponse(
  response: ServerResponse,
  method: string,
  { status, headers = {}, body = "" }: S3Response,
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
  response.end(method === "HEAD" || bodiless ? undefined : bytes);
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
