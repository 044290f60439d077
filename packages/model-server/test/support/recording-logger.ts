import type { Logger } from "@ml-pipelines/pipeline-utils/logging";

/** A logger that keeps its lines, as `INFO message`. */
export function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level} ${message}`);
    };
  const logger = {
    lines,
    level: "info" as const,
    format: "text" as const,
    debug: at("DEBUG"),
    info: at("INFO"),
    warn: at("WARNING"),
    error: at("ERROR"),
    child: () => logger,
    isLevelEnabled: () => true,
  };
  return logger;
}
