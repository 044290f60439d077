import type { FastifyInstance } from "fastify";

/** How long browsers may keep the answer to a preflight, in seconds. Chrome keeps none for more than two hours. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** Headers of answers that scripts may read, beside those that they always may. */
const EXPOSED_HEADERS = [
  "x-request-id",
  "x-model-hash",
  "x-model-key",
  "x-model-extrapolates",
  "traceparent",
  "retry-after",
];

/**
 * Lets scripts of other origins use the service, and answers their browsers' preflights. Answers carry no permission for cookies.
 *
 * @param origins - Each as browsers send it, `https://shop.example`; `*` stands for all.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export async function cors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  // Imported only if it is used.
  const { default: plugin } = await import("@fastify/cors");
  await app.register(plugin, {
    origin: [...origins],
    methods: ["GET", "HEAD", "POST"],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
    // Any OPTIONS request gets an answer: ours to malformed ones would not have the form of errors.
    strictPreflight: false,
  });
}
