import { inspect } from "node:util";

import { onOneLine } from "../argument-error.js";
import { PYTHON_LEVEL_NAMES } from "./logger.js";
import type { LogFields, LogLevel } from "./logger.js";

/** One message before it is rendered. */
export interface LogRecord {
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  readonly level: LogLevel;
  readonly module: string;
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * `2021-07-24 09:56:42,718 - INFO - serve_model.main - message {"field":1}`, in UTC. Stacks of errors follow on their
 * own lines, indented.
 *
 * Control characters of any source are escaped. Texts from outside can neither forge a line nor command the terminal.
 */
export function renderText({ time, level, module, message, fields }: LogRecord): string {
  const timestamp = new Date(time).toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
  const errors = Object.values(fields).filter((value) => value instanceof Error);
  const others = Object.entries(fields).filter(
    ([, value]) => !(value instanceof Error) && value !== undefined,
  );
  const suffix = others.length === 0 ? "" : ` ${toJson(Object.fromEntries(others))}`;
  const line = `${timestamp} - ${PYTHON_LEVEL_NAMES[level]} - ${module} - ${message}${suffix}`;
  return [onOneLine(line), ...errors.map(renderStack)].join("\n");
}

/** `{"timestamp":"2021-07-24T09:56:42.718Z","level":"INFO","module":"…","message":"…", …fields}` on one line. */
export function renderJson({ time, level, module, message, fields }: LogRecord): string {
  const own = { timestamp: new Date(time).toISOString(), level: PYTHON_LEVEL_NAMES[level], module, message };
  return toJson({ ...fields, ...own });
}

/** The message of an error may have lines of its own. Indented, none of them begins as a line of the log does. */
function renderStack(error: Error): string {
  return inspect(error)
    .split("\n")
    .map((line) => `    ${onOneLine(line)}`)
    .join("\n");
}

function toJson(value: unknown): string {
  // The objects that contain the current one, from the outermost in.
  const path: unknown[] = [];
  return JSON.stringify(value, function (this: unknown, _key, item: unknown) {
    if (item instanceof Error) {
      return { name: item.name, message: item.message, stack: inspect(item) };
    }
    if (typeof item === "bigint") {
      return item.toString();
    }
    if (typeof item !== "object" || item === null) {
      return item;
    }
    while (path.length > 0 && path.at(-1) !== this) {
      path.pop();
    }
    if (path.includes(item)) {
      return "[circular]";
    }
    path.push(item);
    return item;
  });
}
