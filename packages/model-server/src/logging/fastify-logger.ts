import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyBaseLogger } from "fastify";
import { pathOf } from "../untrusted.js";

type Fields = Readonly<Record<string, unknown>>;
type Level = "debug" | "info" | "warn" | "error";

/**
 * The project's logger as one that Fastify takes.
 *
 * Fastify calls `(fields, message)` or `(message)`; the project's logger takes `(message, fields)`. It has four levels, not six: fatal
 * becomes error, trace becomes debug. Lines identify requests and replies, without headers and bodies. Fastify makes a child for
 * every request, so a child is one small object.
 */
export class FastifyLogger implements FastifyBaseLogger {
  readonly #log: Logger;
  readonly #bindings: Fields;

  /**
   * @param log - Where lines go.
   * @param bindings - Fields of every line: for a request, `reqId`.
   */
  constructor(log: Logger, bindings: Fields = {}) {
    this.#log = log;
    this.#bindings = bindings;
  }

  get level(): string {
    return this.#log.level;
  }

  fatal(first: unknown, second?: unknown): void {
    this.#write("error", first, second);
  }

  error(first: unknown, second?: unknown): void {
    this.#write("error", first, second);
  }

  warn(first: unknown, second?: unknown): void {
    this.#write("warn", first, second);
  }

  info(first: unknown, second?: unknown): void {
    this.#write("info", first, second);
  }

  debug(first: unknown, second?: unknown): void {
    this.#write("debug", first, second);
  }

  trace(first: unknown, second?: unknown): void {
    this.#write("debug", first, second);
  }

  silent(): void {
    // A level of Fastify's on which nothing is written.
  }

  child(bindings: Fields): FastifyLogger {
    return new FastifyLogger(this.#log, bindings);
  }

  #write(level: Level, first: unknown, second: unknown): void {
    if (!this.#log.isLevelEnabled(level)) {
      return;
    }
    const { message, fields } = arrange(first, second);
    this.#log[level](message, { ...this.#bindings, ...fields });
  }
}

function arrange(first: unknown, second: unknown): { message: string; fields: Fields } {
  if (typeof first === "string") {
    return { message: first, fields: {} };
  }
  const given = typeof second === "string" ? second : undefined;
  if (first instanceof Error) {
    return { message: given ?? first.message, fields: { err: first } };
  }
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
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (name === "req") {
    return { method: read(value, "method"), url: pathOf(String(read(value, "url"))) };
  }
  return name === "res" ? { statusCode: read(value, "statusCode") } : value;
}

function read(object: object, name: string): unknown {
  return Reflect.get(object, name);
}
