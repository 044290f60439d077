import type { FastifyInstance } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";

/**
 * Whether the process runs (`/healthz`), and whether it has a model to answer with, and which (`/readyz`); both also under the
 * names that model servers have for them (Open Inference Protocol, SageMaker).
 */
export function health(
  app: FastifyInstance,
  { holder, retryAfterSeconds }: { holder: ModelHolder; retryAfterSeconds: number },
): void {
  const schema = { tags: ["health"] };
  app.get("/healthz", { schema }, () => ({ status: "ok" }));
  app.get("/v2/health/live", { schema }, () => ({ live: true }));
  const whenReady = (url: string, answer: () => object): void => {
    app.get(url, { schema }, (_request, reply) => {
      if (!holder.current) void reply.code(503).header("retry-after", retryAfterSeconds);
      return answer();
    });
  };
  whenReady("/readyz", () => readiness(holder));
  whenReady("/v2/health/ready", () => ({ ready: holder.current !== undefined }));
  whenReady("/ping", () => readiness(holder));
}

/** Which model is served, and whether the newest was refused, so that replicas that disagree show it. */
function readiness({ current, refusedAddress, address }: ModelHolder): object {
  const refused = refusedAddress === undefined ? {} : { refused_model: refusedAddress };
  if (!current) return { status: "waiting for a model", looking_in: address, ...refused };
  return { status: "ready", model_hash: current.hash, model_address: current.address, ...refused };
}
