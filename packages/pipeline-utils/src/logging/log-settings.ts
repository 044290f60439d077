import { LOG_FORMATS, LOG_LEVELS } from "./logger.js";
import type { LogFormat, LogLevel } from "./logger.js";

/**
 * Parse a level, in upper or lower case. `warning`, Python's name, means `warn`.
 *
 * @param source - Where the value came from, for the message, such as `LOG_LEVEL`.
 * @throws {RangeError} The level is unknown.
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
 * Parse a format, in upper or lower case.
 *
 * @param source - Where the value came from, for the message, such as `LOG_FORMAT`.
 * @throws {RangeError} The format is unknown.
 */
export function readLogFormat(value: string, source: string): LogFormat {
  const format = LOG_FORMATS.find((known) => known === value.trim().toLowerCase());
  if (format !== undefined) {
    return format;
  }
  throw new RangeError(`${source} is ${JSON.stringify(value)}, expected one of ${LOG_FORMATS.join(", ")}`);
}
