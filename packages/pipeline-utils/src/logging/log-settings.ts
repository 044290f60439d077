import { LOG_FORMATS, LOG_LEVELS } from "./logger.js";
import type { LogFormat, LogLevel } from "./logger.js";

/**
 * Read a level, in any case; `warning`, as Python says, is `warn`.
 *
 * @param source - Where it came from, for the message, as `LOG_LEVEL`.
 * @throws {RangeError} It is none.
 */
export function readLogLevel(value: string, source: string): LogLevel {
  const name = value.trim().toLowerCase();
  const level = LOG_LEVELS.find((known) => known === (name === "warning" ? "warn" : name));
  if (level !== undefined) {
    return level;
  }
  throw new RangeError(`${source} is ${JSON.stringify(value)}, expected one of DEBUG, INFO, WARNING, ERROR`);
}

/**
 * Read a format, in any case.
 *
 * @throws {RangeError} It is none.
 */
export function readLogFormat(value: string, source: string): LogFormat {
  const format = LOG_FORMATS.find((known) => known === value.trim().toLowerCase());
  if (format !== undefined) {
    return format;
  }
  throw new RangeError(`${source} is ${JSON.stringify(value)}, expected one of ${LOG_FORMATS.join(", ")}`);
}
