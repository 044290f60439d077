import type { FastifyInstance } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";

/** Whether the process runs (`/healthz`), and whether it has a model to answer with, and which (`/readyz`). */
export function health(app: FastifyInstance, { holder }: { holder: ModelHolder }): void {
  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) => {
    const model = holder.current;
    if (model) return { status: "ready", model_hash: model.hash };
    reply.code(503);
    return { status: "waiting for a model", looked_in: holder.address };
  });
}
