#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseCommand, USAGE, UsageError } from "./cli-arguments.js";
import { errorMessage } from "./errors.js";
import type { LocalS3Options } from "./start-local-s3.js";
import { startLocalS3 } from "./start-local-s3.js";

/** Exit codes: 0 stopped, or help or version printed; 1 cannot run; 2 invalid arguments. */
async function main(): Promise<void> {
  try {
    const command = parseCommand(process.argv.slice(2), process.env);
    switch (command.kind) {
      case "help":
        process.stdout.write(USAGE);
        return;
      case "version":
        process.stdout.write(`${packageVersion()}\n`);
        return;
      case "serve":
        await serve(command.options);
    }
  } catch (error) {
    process.stderr.write(`local-s3: ${errorMessage(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

async function serve(options: LocalS3Options): Promise<void> {
  const server = await startLocalS3(options);
  const stop = (): void => {
    server.stop().catch((error: unknown) => {
      process.stderr.write(`local-s3: ${errorMessage(error)}\n`);
      process.exitCode = 1;
    });
  };
  // Not `once`: if a parent process passes Ctrl-C on, the signal arrives twice, and the second must not kill.
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.stdout.write(`listening on ${server.endpoint}\n`);
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new Error("package.json has no version");
}

await main();
