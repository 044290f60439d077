import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyInstance } from "fastify";
import { traceContextOf } from "./trace-context.js";
import { pathOf } from "../untrusted.js";

/**
 * Writes one line for every request: client, method, path, status, milliseconds, id, and the id of its trace; no headers, no bodies, no query. In a log of
 * JSON, all of these are fields beside the line too.
 */
export function accessLog(app: FastifyInstance, { log }: { log: Logger }): void {
  app.addHook("onResponse", (request, reply, next) => {
    if (log.isLevelEnabled("info")) {
      const { ip: client, method, id: reqId } = request;
      const path = pathOf(request.url);
      const status = reply.statusCode;
      const duration = reply.elapsedTime.toFixed(1);
      const trace = traceContextOf(request.raw);
      const ids = trace ? `${reqId} ${trace.traceId}` : reqId;
      const line = `${client} "${method} ${path}" ${status} ${duration} ms ${ids}`;
      if (log.format === "text") {
        log.info(line);
      } else {
        const fields = { client, method, path, status, duration_ms: Number(duration), reqId };
        log.info(line, trace ? { ...fields, trace_id: trace.traceId } : fields);
      }
    }
    next();
  });
}
