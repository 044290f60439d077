import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { packPackage } from "../../release-pack.mjs";
import { git, pushTags, releaseTag, tagTree } from "../../release-tag.mjs";
import { freePort } from "./free-port.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const NAMES = ["pipeline-utils", "decision-tree", "local-s3"];

/** A bare repository that has the packages, as they are built now, under their tags of version 1.2.3. */
export class TaggedRepository {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "tagged-"));
  readonly bare = path.join(this.folder, "origin.git");
  readonly source = path.join(this.folder, "source");
  /** Each package's folder as it was tagged. */
  readonly trees = new Map<string, string>();
  #daemon: ChildProcess | undefined;

  constructor() {
    git(this.folder, ["init", "--quiet", "--initial-branch=main", "--bare", this.bare]);
    git(this.folder, ["init", "--quiet", "--initial-branch=main", this.source]);
    const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    git(this.source, [...author, "commit", "--quiet", "--allow-empty", "--message", "Sources"]);
    git(this.source, ["remote", "add", "origin", this.bare]);
    // npm takes a repository without a default branch for a broken one.
    git(this.source, ["push", "--quiet", "origin", "main"]);
    pushTags(
      this.source,
      "origin",
      NAMES.map((name) => this.#tag(name)),
    );
  }

  #tag(short: string): string {
    const name = `@ml-pipelines/${short}`;
    const tree = packPackage(root, { name, folder: `packages/${short}` }, path.join(this.folder, short));
    const file = path.join(tree, "package.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"version": "[^"]*"/, '"version": "1.2.3"'));
    const tag = releaseTag({ name, version: "1.2.3" });
    tagTree(this.source, tree, { tag, title: `${name} 1.2.3` });
    this.trees.set(name, tree);
    return tag;
  }

  /**
   * What a consumer's package.json says to have them by their tags.
   *
   * @param url - Where the repository is reached. Default: by its path.
   */
  dependencies(url = `git+file://${this.bare}`): Record<string, string> {
    return Object.fromEntries(
      NAMES.map((short) => {
        const name = `@ml-pipelines/${short}`;
        return [name, `${url}#${releaseTag({ name, version: "1.2.3" })}`];
      }),
    );
  }

  /** Serve the repository over git's own protocol, for yarn 4, which takes no path. */
  async serve(): Promise<string> {
    this.#daemon?.kill();
    const port = await freePort();
    const args = [
      "daemon",
      "--export-all",
      `--base-path=${this.folder}`,
      "--listen=127.0.0.1",
      `--port=${port}`,
    ];
    this.#daemon = spawn("git", args, { stdio: "ignore" });
    const url = `git://127.0.0.1:${port}/origin.git`;
    for (let attempt = 0; ; attempt++)
      try {
        git(this.folder, ["ls-remote", url]);
        return url;
      } catch (error) {
        if (attempt === 50) throw error;
        await sleep(100);
      }
  }

  remove(): void {
    this.#daemon?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
