/** Severity levels of messages, from the least severe. Lines contain Python's names for them. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Severity level of a message. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Formats of log lines: text for people, JSON for machines. */
export const LOG_FORMATS = ["text", "json"] as const;

/** Format of log lines. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Names of the levels in log lines. They are those of Python's logging module. */
export const PYTHON_LEVEL_NAMES: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
};

/** Fields of a message beside its text. If a field holds an error, its stack is printed. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes the log of a program or a module. */
export interface Logger {
  /** Less severe messages are dropped. */
  readonly level: LogLevel;
  /** The format of the lines. */
  readonly format: LogFormat;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger with the same settings for another module. */
  child(options: { readonly module: string }): Logger;
  isLevelEnabled(level: LogLevel): boolean;
}
