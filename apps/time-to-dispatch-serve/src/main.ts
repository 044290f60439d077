#!/usr/bin/env node
import { configureLogger, type Logger } from "@ml-pipelines/pipeline-utils/logging";
import { InvalidArgumentsError, parseArguments, USAGE } from "./arguments.js";
import { logWarnings } from "./logging/log-warnings.js";
import { readSettings } from "./settings.js";
import { readVersion } from "./version.js";

// The SDK is pinned to a version that supports the Node this program asks for; its advice would head every log.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** @returns The exit code, or undefined if the service runs. */
async function main(log: Logger): Promise<number | undefined> {
  logWarnings(log);
  try {
    const command = parseArguments(process.argv.slice(2));
    if (command === "help") console.log(USAGE);
    else if (command === "version") console.log(readVersion());
    else {
      const settings = readSettings(process.env);
      // The rest takes ten times as long to import as all of the above takes to run.
      const { serveUntilSignal } = await import("./serve-until-signal.js");
      return await serveUntilSignal({ ...command, ...settings }, log);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof InvalidArgumentsError)) throw error;
    log.error(error.message);
    return 2;
  }
}

try {
  const exitCode = await main(configureLogger({ module: "serve_model.main" }));
  // Connections to storage that are kept open would keep the program alive.
  if (exitCode !== undefined) process.exit(exitCode);
} catch (error) {
  // The logger itself could not be configured.
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
