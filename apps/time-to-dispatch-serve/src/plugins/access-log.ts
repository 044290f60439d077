import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyInstance } from "fastify";

/** Writes one line for every request: who, what, status, milliseconds and id; no headers, no bodies, no query. */
export function accessLog(app: FastifyInstance, { log }: { log: Logger }): void {
  app.addHook("onResponse", (request, reply, next) => {
    if (log.isLevelEnabled("info")) {
      const path = request.url.split("?", 1)[0] ?? "";
      const duration = reply.elapsedTime.toFixed(1);
      log.info(`${request.ip} "${request.method} ${path}" ${reply.statusCode} ${duration} ms ${request.id}`);
    }
    next();
  });
}
