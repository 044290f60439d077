export { configureLogger } from "./configure-logger.js";
export type { LoggerOptions } from "./configure-logger.js";
export { LOG_FORMATS, LOG_LEVELS } from "./logger.js";
export type { LogFields, LogFormat, LogLevel, Logger } from "./logger.js";
