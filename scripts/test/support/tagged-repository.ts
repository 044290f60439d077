import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { packPackage } from "../../release-pack.mjs";
import { git, pushTags, releaseTag, tagTree } from "../../release-tag.mjs";
import { freePort } from "@ml-pipelines/test-support/free-port";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** How long git's server may take to start: 5 s. */
const MAX_ATTEMPTS = 50;
const ATTEMPT_PAUSE_MS = 100;
/** Below 1.0.0: model-server's peer range ends there. */
export const TAGGED_VERSION = "0.1.3";
export const TAGGED_PACKAGES = ["decision-tree", "local-s3", "model-server", "pipeline-utils"];

/** A bare repository with the packages, as they are built now, each under its tag of `TAGGED_VERSION`. */
export class TaggedRepository {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "tagged-"));
  readonly bare = path.join(this.folder, "origin.git");
  readonly source = path.join(this.folder, "source");
  /** Each tagged package's folder, by name. */
  readonly trees = new Map<string, string>();
  #daemon: ChildProcess | undefined;

  constructor() {
    git(this.folder, ["init", "--quiet", "--initial-branch=main", "--bare", this.bare]);
    git(this.folder, ["init", "--quiet", "--initial-branch=main", this.source]);
    const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    git(this.source, [...author, "commit", "--quiet", "--allow-empty", "--message", "Sources"]);
    git(this.source, ["remote", "add", "origin", this.bare]);
    // npm rejects a repository without a default branch.
    git(this.source, ["push", "--quiet", "origin", "main"]);
    pushTags(
      this.source,
      "origin",
      TAGGED_PACKAGES.map((name) => this.#tag(name)),
    );
  }

  #tag(short: string): string {
    const name = `@ml-pipelines/${short}`;
    const tree = packPackage(root, { name, folder: `packages/${short}` }, path.join(this.folder, short));
    const file = path.join(tree, "package.json");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/"version": "[^"]*"/, `"version": "${TAGGED_VERSION}"`),
    );
    const tag = releaseTag({ name, version: TAGGED_VERSION });
    tagTree(this.source, tree, { tag, title: `${name} ${TAGGED_VERSION}` });
    this.trees.set(name, tree);
    return tag;
  }

  /**
   * The dependencies of a consumer's package.json that install all packages by their tags.
   *
   * @param url - Address of the repository. Default: its path.
   */
  dependencies(url = `git+file://${this.bare}`): Record<string, string> {
    return Object.fromEntries(
      TAGGED_PACKAGES.map((short) => {
        const name = `@ml-pipelines/${short}`;
        return [name, `${url}#${releaseTag({ name, version: TAGGED_VERSION })}`];
      }),
    );
  }

  /** Serve the repository over git's own protocol, for yarn 4, which rejects a path. */
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
    for (let attempt = 0; ; attempt++) {
      try {
        git(this.folder, ["ls-remote", url]);
        return url;
      } catch (error) {
        if (attempt === MAX_ATTEMPTS) {
          throw error;
        }
        await sleep(ATTEMPT_PAUSE_MS);
      }
    }
  }

  remove(): void {
    this.#daemon?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
