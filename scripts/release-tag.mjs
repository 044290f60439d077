import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** The package whose tags are plain versions, so that clients can take a range of them: `#semver:^1.0.0`. */
const MAIN_PACKAGE = "@ml-pipelines/pipeline-utils";

/**
 * @param {{ name: string, version: string }} manifest
 * @returns {string} `v1.2.3`, or `local-s3-v1.2.3` for a package that is not the main one.
 */
export function releaseTag({ name, version }) {
  return name === MAIN_PACKAGE ? `v${version}` : `${name.replace(/^@[^/]+\//, "")}-v${version}`;
}

/**
 * @param {string} repository
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {string} What git printed, trimmed.
 * @throws {Error} With what git said.
 */
export function git(repository, args, env = {}) {
  return execFileSync("git", args, {
    cwd: repository,
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/**
 * @param {string} repository
 * @param {string} remote
 * @returns {Set<string>}
 */
export function remoteTags(repository, remote) {
  const lines = git(repository, ["ls-remote", "--tags", "--refs", remote]).split("\n");
  return new Set(lines.map((line) => line.replace(/^.*refs\/tags\//, "")).filter((tag) => tag !== ""));
}

/**
 * Tag a folder as a commit of its own, without touching the work tree, the index or any branch. The commit has no
 * parents, so that a client fetches the package and not the history. Author and date are those of the present commit, so
 * that the same sources give the same commit again.
 *
 * @param {string} repository
 * @param {string} tree The folder whose files become the commit's.
 * @param {{ tag: string, title: string }} options
 * @returns {string} The commit.
 */
export function tagTree(repository, tree, { tag, title }) {
  const [source = "", name = "", email = "", date = ""] = git(repository, [
    "log",
    "-1",
    "--format=%H%n%an%n%ae%n%aI",
  ]).split("\n");
  const work = mkdtempSync(path.join(os.tmpdir(), "release-index-"));
  const env = {
    GIT_DIR: git(repository, ["rev-parse", "--absolute-git-dir"]),
    GIT_WORK_TREE: tree,
    GIT_INDEX_FILE: path.join(work, "index"),
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
  try {
    // Whatever the repository or the machine ignores, such as dist/, is what is released.
    git(tree, ["add", "--all", "--force", "."], env);
    const message = `${title}\n\nBuilt from ${source}.`;
    const commit = git(tree, ["commit-tree", git(tree, ["write-tree"], env), "-m", message], env);
    // The tag is not at origin, as was checked before. A local tag of this name is left over from a failed push.
    git(tree, ["tag", "--force", "--annotate", tag, "--message", message, commit], env);
    return commit;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * All of them or none.
 *
 * @param {string} repository
 * @param {string} remote
 * @param {string[]} tags
 */
export function pushTags(repository, remote, tags) {
  git(repository, ["push", "--atomic", remote, ...tags.map((tag) => `refs/tags/${tag}`)]);
}
