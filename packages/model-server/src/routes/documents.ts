import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FileContent } from "../public-files.js";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * Send a document, compressed if the client takes that; 304 without a body if the client has it already.
 *
 * Browsers keep it and ask each time whether it is still the same, so that a new version of the service shows at once.
 */
export async function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, isGzip }: FileContent,
): Promise<FastifyReply> {
  // Weak, because both encodings have the same: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.1
  const etag = `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  reply.header("cache-control", "no-cache").header("vary", "accept-encoding").header("etag", etag);
  if (request.headers["if-none-match"] === etag) {
    return reply.code(304).send();
  }
  if (!takesGzip(request)) {
    return reply.send(isGzip ? await decompress(bytes) : bytes);
  }
  reply.header("content-encoding", "gzip");
  return reply.send(isGzip ? bytes : await compress(bytes));
}

function takesGzip({ headers }: FastifyRequest): boolean {
  const [, quality = "1"] = /\bgzip\b\s*(?:;\s*q=([\d.]+))?/i.exec(String(headers["accept-encoding"])) ?? [
    "",
    "0",
  ];
  return Number(quality) > 0;
}
