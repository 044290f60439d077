import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runOutside } from "./run-outside.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** An empty project that installs the packages from a repository's tags. */
export class Consumer {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "consumer-"));

  /** @param dependencies - Package names and where they come from, as `git+file:///…#v1.2.3`. */
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

  /** @returns What the command printed on standard output; fails with all that it printed. */
  run(command: string, ...args: string[]): Promise<string> {
    return runOutside(command, args, this.folder);
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }

  /** With this repository's compiler. */
  typeCheck(): Promise<string> {
    return this.run(process.execPath, path.join(root, "node_modules/typescript/bin/tsc"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
