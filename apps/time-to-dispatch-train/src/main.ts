#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { configureLogger, type Logger } from "@ml-pipelines/pipeline-utils/logging";
import { USAGE, parseArguments } from "./arguments.js";
import { describeFailure } from "./failure.js";
import { HYPERPARAMETER_GRID } from "./hyperparameters.js";
import { stopSignal } from "./stop-signal.js";
import { trainStage } from "./train-stage.js";

// The SDK is pinned to a version that supports the Node this program asks for; its advice would head every log.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "";
}

/** What Node and the libraries warn of is logged as all else is. Node's own listener would print it in a form of its own. */
function logWarnings(log: Logger): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ message }) => {
    log.warn(message);
  });
}

async function main(): Promise<void> {
  const log = configureLogger({ module: "train_model.main" });
  logWarnings(log);
  try {
    const command = parseArguments(process.argv.slice(2));
    if (command.action === "help") console.log(USAGE);
    else if (command.action === "version") console.log(version());
    else {
      const signal = stopSignal(command.maxSeconds);
      await trainStage({ ...command, grid: HYPERPARAMETER_GRID, signal, log });
    }
  } catch (error) {
    const { exitCode, message, isBug } = describeFailure(error);
    log.error(message, isBug ? { err: error } : {});
    process.exitCode = exitCode;
  }
}

try {
  await main();
} catch (error) {
  // The logger itself could not be configured.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
