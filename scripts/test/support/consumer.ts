import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { BackgroundProgram } from "./background-program.js";
import { runOutside } from "./run-outside.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Output of round-trip.mjs: the model's own predictions, and those of its service. */
export const ROUND_TRIP_OUTPUT = /^2 4 6\n200 2,4,6$/m;
/** Output of common.cjs. */
export const COMMON_OUTPUT = /^d_1970-01-01T00:00:00\.csv function function function function$/m;

/** An empty project that installs the packages from a repository's tags. */
export class Consumer {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "consumer-"));
  #variables: Readonly<Record<string, string>> = {};

  /** @param dependencies - Package names and their sources, as `git+file:///…#v0.1.3`. */
  constructor(dependencies: Record<string, string>) {
    cpSync(fileURLToPath(new URL("../fixtures/consumer", import.meta.url)), this.folder, { recursive: true });
    const manifest = {
      name: "consumer",
      private: true,
      dependencies,
      devDependencies: { "@types/node": "20.19.25" },
    };
    writeFileSync(path.join(this.folder, "package.json"), JSON.stringify(manifest));
  }

  /**
   * @returns The command's standard output.
   * @throws {Error} The command failed; the message has its whole output.
   */
  run(command: string, ...args: string[]): Promise<string> {
    return runOutside(command, args, this.folder, this.#variables);
  }

  /** Start a command in the background. */
  start(command: string, ...args: string[]): BackgroundProgram {
    return new BackgroundProgram(command, args, { cwd: this.folder, variables: this.#variables });
  }

  /** Set variables for all further commands. */
  setVariables(variables: Readonly<Record<string, string>>): void {
    this.#variables = variables;
  }

  /** The folders in node_modules that hold a package; links to one folder count once. */
  copiesOf(name: string): string[] {
    const entries = readdirSync(this.folder, { encoding: "utf8", recursive: true });
    const found = entries.filter((entry) => entry.endsWith(`node_modules/${name}`));
    return [...new Set(found.map((entry) => realpathSync(path.join(this.folder, entry))))];
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }

  /** Compile the project with this repository's compiler, without output. */
  typeCheck(): Promise<string> {
    return this.run(process.execPath, path.join(root, "node_modules/typescript/bin/tsc"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
