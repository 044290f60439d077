export { configureLogger, type LoggerOptions } from "./configure-logger.js";
export { LOG_FORMATS, type LogFormat } from "./log-settings.js";
export { LOG_LEVELS, type LogFields, type LogLevel, type Logger } from "./logger.js";
