import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { describe } from "@jest/globals";
import { keysBelow, startServer } from "@ml-pipelines/test-support/test-storage";
import { someBytes } from "./bytes.js";

/** The bucket that a client works with. */
export const BUCKET = "client-bucket";

/** The size of `large.bin`, above the limit from which each client uploads in parts. */
export const LARGE_BYTES = 9 * 2 ** 20;

/** The files of the folder `tree`. */
const FILES: Readonly<Record<string, Buffer>> = {
  "a.txt": Buffer.from("a\n"),
  "large.bin": someBytes(LARGE_BYTES),
  "sub/b c+ü.txt": Buffer.from("b\n"),
};
export const FILE_NAMES = Object.keys(FILES);

/** A folder with files, and a local-s3 of its own, for a client that runs as a program. */
export interface Workspace {
  readonly endpoint: string;
  readonly client: S3Client;
  /** Run a program in the folder. Returns its output; rejects with its errors if it fails. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>;
  /** Whether a folder has the files of `tree`, and no others. */
  readonly isCopy: (folder: string) => Promise<boolean>;
  readonly readText: (file: string) => Promise<string>;
  readonly keysBelow: (prefix: string) => Promise<string[]>;
  readonly stop: () => Promise<void>;
}

/** @param settings - Environment of the programs. They see nothing else but PATH, and no settings of the user. */
export async function openWorkspace(
  settings: (endpoint: string) => Record<string, string> = () => ({}),
): Promise<Workspace> {
  const folder = await mkdtemp(path.join(tmpdir(), "local-s3-client-"));
  for (const [name, bytes] of Object.entries(FILES)) {
    const file = path.join(folder, "tree", name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  const server = await startServer([BUCKET]);
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: server });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    LC_ALL: "C.UTF-8",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    ...settings(endpoint),
  };
  return {
    endpoint,
    client,
    run: (program, ...args) => runProgram(program, args, { cwd: folder, env }),
    isCopy: (name) => isCopyOfTree(path.join(folder, name)),
    readText: (name) => readFile(path.join(folder, name), "utf8"),
    keysBelow: (prefix) => keysBelow(client, BUCKET, prefix),
    stop: async () => {
      client.destroy();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Define tests of a client, which are skipped with a message where it is not installed. */
export function describeClient(
  name: string,
  probe: readonly [string, ...string[]],
  define: () => void,
): void {
  const [program, ...args] = probe;
  const isInstalled = spawnSync(program, args).status === 0;
  if (!isInstalled) {
    process.stderr.write(`SKIPPED: no ${name}, so local-s3 was not tested with it here\n`);
  }
  (isInstalled ? describe : describe.skip)(name, define);
}

async function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string | undefined> },
): Promise<string> {
  const child = spawn(program, args, options);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) {
    throw new Error(`${program} ${args.join(" ")} failed with ${code}: ${output.stderr}${output.stdout}`);
  }
  return output.stdout;
}

async function isCopyOfTree(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const contents = await Promise.all(files.map((file) => readFile(path.join(folder, file))));
  const isSame = files.every((file, index) => FILES[file]?.equals(contents[index] ?? Buffer.alloc(0)));
  return isSame && files.length === FILE_NAMES.length;
}
