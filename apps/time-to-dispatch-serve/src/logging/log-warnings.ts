import type { Logger } from "@ml-pipelines/pipeline-utils/logging";

/** What Node and the libraries warn of is logged as all else is. Node's own listener would print it in a form of its own. */
export function logWarnings(log: Logger): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ message }) => {
    log.warn(message);
  });
}
