#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseCommand, UsageError, usage } from "./cli-arguments.js";
import { errorMessage } from "./error-message.js";
import { type LocalS3Options, startLocalS3 } from "./start-local-s3.js";

/** Exit codes: 0 stopped or told, 1 cannot run, 2 wrong arguments. */
async function main(): Promise<void> {
  try {
    const command = parseCommand(process.argv.slice(2), process.env);
    switch (command.kind) {
      case "help":
        process.stdout.write(usage);
        return;
      case "version":
        process.stdout.write(`${version()}\n`);
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
  // Not `once`: Ctrl-C reaches a process group twice when a parent passes it on, and the second must not kill.
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.stdout.write(`listening on ${server.endpoint}\n`);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version);
  }
  throw new Error("package.json has no version");
}

await main();
