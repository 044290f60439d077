/** How grave a message is, from the least; the names Python prints are in `PYTHON_LEVEL_NAMES`. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** How grave a message is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How lines look: for people, or for machines. */
export const LOG_FORMATS = ["text", "json"] as const;

/** How lines look: for people, or for machines. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The names in the lines, as Python's. */
export const PYTHON_LEVEL_NAMES: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
};

/** Fields of a message beside its text; `err` may hold an error, whose stack is printed. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a program says what it does. */
export interface Logger {
  /** Messages below it are dropped. */
  readonly level: LogLevel;
  /** How its lines look. */
  readonly format: LogFormat;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger under another module's name. */
  child(options: { readonly module: string }): Logger;
  isLevelEnabled(level: LogLevel): boolean;
}
