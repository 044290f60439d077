import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** Writes one line for every request: who, what, status, milliseconds and id; no headers, no bodies, no query. */
export const accessLog = fastifyPlugin(
  (app: FastifyInstance, { log }: { log: Logger }, done: () => void) => {
    app.addHook("onResponse", (request, reply, next) => {
      if (log.isLevelEnabled("info")) {
        const path = request.url.split("?", 1)[0] ?? "";
        const duration = reply.elapsedTime.toFixed(1);
        log.info(
          `${request.ip} "${request.method} ${path}" ${reply.statusCode} ${duration} ms ${request.id}`,
        );
      }
      next();
    });
    done();
  },
  { name: "access-log" },
);
