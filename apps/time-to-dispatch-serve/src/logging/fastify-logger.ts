import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyBaseLogger } from "fastify";

type Fields = Record<string, unknown>;
type Level = "debug" | "info" | "warn" | "error";

/**
 * Make the project's logger one that Fastify takes.
 *
 * Fastify calls `(fields, message)` or `(message)`, and six levels; the project's logger takes `(message, fields)` and four, so
 * fatal is written as error, trace as debug. Of requests and replies only what identifies them is kept: no headers, no bodies.
 *
 * @param log - Where lines go.
 * @param bindings - Fields of every line: for a request, `reqId`.
 */
export function fastifyLogger(log: Logger, bindings: Fields = {}): FastifyBaseLogger {
  const at =
    (level: Level) =>
    (first: unknown, second?: unknown): void => {
      if (!log.isLevelEnabled(level)) return;
      const { message, fields } = arrange(first, second);
      log[level](message, { ...bindings, ...fields });
    };
  return {
    level: log.level,
    fatal: at("error"),
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    trace: at("debug"),
    silent: () => undefined,
    child: (more) => fastifyLogger(log, { ...bindings, ...more }),
  };
}

function arrange(first: unknown, second: unknown): { message: string; fields: Fields } {
  if (typeof first === "string") return { message: first, fields: {} };
  const given = typeof second === "string" ? second : undefined;
  if (first instanceof Error) return { message: given ?? first.message, fields: { err: first } };
  const fields = typeof first === "object" && first !== null ? reduce(first) : {};
  const reason = fields.err instanceof Error ? fields.err.message : "";
  return { message: given ?? reason, fields };
}

/** Requests and replies as what identifies them, everything else as it is. */
function reduce(given: object): Fields {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]: [string, unknown]) => [name, reduceValue(name, value)]),
  );
}

function reduceValue(name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (name === "req") return { method: read(value, "method"), url: read(value, "url") };
  return name === "res" ? { statusCode: read(value, "statusCode") } : value;
}

function read(object: object, name: string): unknown {
  return Reflect.get(object, name);
}
