import { basename, extname } from "node:path";

import { checkOptions } from "../argument-error.js";
import type { OptionKinds } from "../argument-error.js";
import { LOG_FORMATS, LOG_LEVELS } from "./logger.js";
import type { LogFields, LogFormat, LogLevel, Logger } from "./logger.js";
import loadWinston from "./load-winston.cjs";
import { renderJson, renderText } from "./render-line.js";

/** Settings of {@link configureLogger}. The environment gives the defaults. */
export interface LoggerOptions {
  /** Default: the environment's `LOG_LEVEL`, else `info`. */
  readonly level?: LogLevel | undefined;
  /** Default: the environment's `LOG_FORMAT`, else `text`. */
  readonly format?: LogFormat | undefined;
  /** Name in every line, such as `serve_model.main`. Default: the name of the program's file. */
  readonly module?: string | undefined;
}

const LOGGER_OPTIONS: OptionKinds<LoggerOptions> = { level: "other", format: "other", module: "text" };

/** Levels in winston's order: a lower number is more severe. */
const SEVERITY: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Error codes of lost output: the reader is gone (`program | head -1`), or the disk is full. */
const LOST_OUTPUT_CODES = new Set(["EPIPE", "ENOSPC", "EDQUOT"]);

let isSurviving = false;

/**
 * Configure a logger that writes each message as one line to standard output, in UTC: `2021-07-24 09:56:42,718 - INFO -
 * serve_model.main - message`.
 *
 * Errors among the fields, as in `log.error("it failed", { err })`, are printed with their stacks. If standard output
 * is closed or its disk is full, lines are lost without an error.
 *
 * @throws {RangeError} The level or the format is unknown, in the options or in `LOG_LEVEL` or `LOG_FORMAT`.
 *
 * @example
 * ```ts
 * import { configureLogger } from "@ml-pipelines/pipeline-utils/logging";
 *
 * const log = configureLogger({ module: "train_model.main", format: "text" });
 * log.info("Starting train-model stage.");
 * ```
 *
 * prints
 *
 * ```
 * 2021-07-24 09:56:42,718 - INFO - train_model.main - Starting train-model stage.
 * ```
 */
export function configureLogger(options: LoggerOptions = {}): Logger {
  checkOptions(options, LOGGER_OPTIONS);
  const { level, format, module } = options;
  const chosenLevel = level === undefined ? levelOfEnvironment() : readLogLevel(level, "level");
  const chosenFormat = format === undefined ? formatOfEnvironment() : readLogFormat(format, "format");
  surviveLostOutput();
  const { createLogger, format: formats, transports } = loadWinston();
  const sink = createLogger({
    levels: { ...SEVERITY },
    level: chosenLevel,
    // The message is a finished line by now, so that fields cannot overwrite winston's own.
    format: formats.printf(({ message }) => String(message)),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston types its transports as interfaces
    transports: [new transports.Console()],
  });
  const render = chosenFormat === "json" ? renderJson : renderText;
  const write = (recordLevel: LogLevel, name: string, message: string, fields: LogFields): void => {
    sink.log(recordLevel, render({ time: Date.now(), level: recordLevel, module: name, message, fields }));
  };
  return makeLogger({ level: chosenLevel, format: chosenFormat }, module ?? programName(), write);
}

type Write = (level: LogLevel, module: string, message: string, fields: LogFields) => void;

function makeLogger(settings: Pick<Logger, "level" | "format">, module: string, write: Write): Logger {
  const { level, format } = settings;
  const isLevelEnabled = (asked: LogLevel): boolean => SEVERITY[asked] <= SEVERITY[level];
  // Test the level first, because formatting is expensive.
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (isLevelEnabled(own)) {
        write(own, module, message, fields);
      }
    };
  return {
    level,
    format,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (options) => makeLogger(settings, options.module, write),
    isLevelEnabled,
  };
}

function levelOfEnvironment(): LogLevel {
  const { LOG_LEVEL } = process.env;
  return LOG_LEVEL ? readLogLevel(LOG_LEVEL, "LOG_LEVEL") : "info";
}

function formatOfEnvironment(): LogFormat {
  const { LOG_FORMAT } = process.env;
  return LOG_FORMAT ? readLogFormat(LOG_FORMAT, "LOG_FORMAT") : "text";
}

function programName(): string {
  const path = process.argv[1] ?? "node";
  return basename(path, extname(path));
}

/** Ignore errors of lost standard output, which would otherwise end the process. */
function surviveLostOutput(): void {
  if (isSurviving) {
    return;
  }
  isSurviving = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!LOST_OUTPUT_CODES.has(error.code ?? "")) {
      throw error;
    }
  });
}

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
