import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import closeWithGrace from "close-with-grace";
import type { Arguments } from "./arguments.js";
import type { Service } from "./serve.js";
import type { Settings } from "./settings.js";

/** The program ends itself after so long, in milliseconds, if the shutdown does not. */
const SHUTDOWN_LIMIT_MS = 10_000;

/**
 * Serve until a signal ends the program: exit code 0 after SIGTERM or SIGINT, 1 after an error that nothing handled.
 *
 * @returns The exit code if the service could not start, else undefined.
 */
export async function serveUntilSignal(given: Arguments & Settings, log: Logger): Promise<1 | 2 | undefined> {
  const stop = new AbortController();
  let service: Service | undefined;
  // "beforeExit" would turn every exit code into 0.
  closeWithGrace(
    { delay: SHUTDOWN_LIMIT_MS, logger: null, skip: ["beforeExit"] },
    async ({ signal, err }) => {
      // First, so that whoever reads the line below finds the port closed.
      const closed = service?.close();
      if (err) log.error("Stopping after an error that nothing handled", { err });
      else log.info(`Stopping on ${String(signal)}: finishing the requests under way`);
      stop.abort();
      await closed;
      log.info("Stopped");
    },
  );
  try {
    // Most of the start is spent here, when signals are listened to already: the first process of a container gets no others.
    const { serve } = await import("./serve.js");
    service = await serve(given, log, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return undefined;
    const { describeFailure } = await import("./failure.js");
    const { exitCode, message, isBug } = describeFailure(error);
    log.error(message, isBug ? { err: error } : {});
    return exitCode;
  }
  return undefined;
}
