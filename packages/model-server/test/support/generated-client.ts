import { execFile } from "node:child_process";
import { cp, mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import openapiTypescript, { astToString } from "openapi-typescript";
import ts from "typescript";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const CLIENT = fileURLToPath(new URL("../fixtures/generated-client/client.ts", import.meta.url));

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  types: ["node"],
  skipLibCheck: true,
};

/**
 * Generate types of a description of an API, compile a client with them, and run it.
 *
 * @param document - JSON of OpenAPI.
 * @param address - The service that the client calls.
 * @returns The client's output.
 * @throws {Error} It does not compile; the message has the compiler's.
 */
export async function runGeneratedClient(document: string, address: string): Promise<string> {
  // Below the package, whose dependencies the client imports.
  const cache = path.join(PACKAGE, "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, "client-"));
  try {
    await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(path.join(folder, "api.ts"), astToString(await openapiTypescript(document)));
    await cp(CLIENT, path.join(folder, "client.ts"));
    compile(path.join(folder, "client.ts"));
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(folder, "client.js"), address]);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compile(file: string): void {
  const program = ts.createProgram([file], OPTIONS);
  const { diagnostics } = program.emit();
  const faults = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (faults.length > 0) {
    const host = { getCanonicalFileName: String, getCurrentDirectory: () => PACKAGE, getNewLine: () => "\n" };
    throw new Error(ts.formatDiagnostics(faults, host));
  }
}
