#!/usr/bin/env node
import { configureLogger, type Logger } from "@ml-pipelines/pipeline-utils/logging";
import closeWithGrace from "close-with-grace";
import { type Arguments, parseArguments, USAGE } from "./arguments.js";
import { describeFailure } from "./failure.js";
import { serve, type Service } from "./serve.js";
import { readSettings, type Settings } from "./settings.js";
import { readVersion } from "./version.js";

/** The program ends itself after so long, in milliseconds, if the shutdown does not. */
const SHUTDOWN_LIMIT_MS = 10_000;

async function main(log: Logger): Promise<void> {
  const command = parseArguments(process.argv.slice(2));
  if (command === "help") console.log(USAGE);
  else if (command === "version") console.log(readVersion());
  else await serveUntilSignal({ ...command, ...readSettings(process.env) }, log);
}

async function serveUntilSignal(given: Arguments & Settings, log: Logger): Promise<void> {
  const stop = new AbortController();
  let service: Service | undefined;
  // "beforeExit" would turn every exit code into 0.
  closeWithGrace(
    { delay: SHUTDOWN_LIMIT_MS, logger: null, skip: ["beforeExit"] },
    async ({ signal, err }) => {
      if (err) log.error("Stopping after an error that nothing handled", { err });
      else log.info(`Stopping on ${String(signal)}: finishing the requests under way`);
      stop.abort();
      await service?.close();
      log.info("Stopped");
    },
  );
  try {
    service = await serve(given, log, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

try {
  const log = configureLogger({ module: "serve_model.main" });
  try {
    await main(log);
  } catch (error) {
    const { exitCode, message, isBug } = describeFailure(error);
    log.error(message, isBug ? { err: error } : {});
    process.exit(exitCode);
  }
} catch (error) {
  // The logger itself could not be configured.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
