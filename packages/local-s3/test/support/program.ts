import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly client: S3Client;
  /** Resolves to the exit code, or to null if a signal killed the program. */
  readonly exited: Promise<number | null>;
  /** Send a signal, and wait for `exited`. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Start the built program on a free port, and wait until it listens. */
export async function startProgram(directory: string, ...args: string[]): Promise<Program> {
  const child = spawnProgram(["--directory", directory, "--port", "0", ...args]);
  const exited = once(child, "exit").then(([code]: unknown[]) => (typeof code === "number" ? code : null));
  const line = await Promise.race([firstLine(child), exited.then((code) => `exit code ${code}`)]);
  const endpoint = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
  if (endpoint === undefined) {
    throw new Error(`the program did not start: ${line}`);
  }
  const client = new S3Client({
    endpoint,
    region: "eu-west-2",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
  });
  return {
    child,
    endpoint,
    client,
    exited,
    end: (signal) => {
      client.destroy();
      child.kill(signal);
      return exited;
    },
  };
}

/** Run the built program to its end. */
export async function runProgram(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnProgram(args);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  await once(child, "close");
  const code = child.exitCode;
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

function spawnProgram(args: readonly string[]): ChildProcess {
  if (!existsSync(main)) {
    throw new Error(`${main} is missing: build first`);
  }
  return spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  await new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) {
        resolve();
      }
    });
  });
  return text.slice(0, text.indexOf("\n"));
}
