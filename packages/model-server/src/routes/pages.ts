import type { FastifyInstance, FastifyReply } from "fastify";
import type { ServiceDefinition } from "../options.js";
import { sendDocument } from "./documents.js";
import { PUBLIC_FILES, readPublicFile } from "../public-files.js";

/** The pages may load files of this service, and nothing from elsewhere. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets styles from its scripts.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page for people at `/`, and the documentation of the API at `/docs`. */
export function pages(app: FastifyInstance, service: ServiceDefinition): void {
  for (const [url, file] of PUBLIC_FILES) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      sendPageHeaders(reply, PAGE_POLICY).type(file.type);
      return sendDocument(request, reply, await readPublicFile(file, service));
    });
  }
}

/** The headers that keep a page to itself. */
export function sendPageHeaders(reply: FastifyReply, policy: string): FastifyReply {
  return reply
    .header("content-security-policy", policy)
    .header("referrer-policy", "no-referrer")
    .header("cross-origin-resource-policy", "same-origin")
    .header("x-frame-options", "DENY");
}
