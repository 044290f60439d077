#!/usr/bin/env node
// npm run release: a tag on origin for each package version that has none yet. Its tree is the built package, so that
// whoever installs from it builds nothing.
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { packPackage } from "./release-pack.mjs";
import { git, pushTags, releaseTag, remoteTags, tagTree } from "./release-tag.mjs";
import { releasablePackages } from "./release-packages.mjs";
import { root } from "./run.mjs";
import { setup } from "./setup.mjs";

const USAGE = `usage: npm run release [-- --dry-run]

Tags each package whose version has no tag on origin yet, and pushes the tags: vVERSION for pipeline-utils,
NAME-vVERSION for the others. The tree of a tag is the built package. Versions and changelogs are changesets'
(npm run changeset, npm run version-packages); a package at 0.0.0 has no version yet. Apps are never tagged.

  --dry-run  build and pack, print what would be tagged, push nothing`;

/** @param {{ dryRun: boolean }} options */
async function release({ dryRun }) {
  if (!dryRun && git(root, ["status", "--porcelain"]) !== "") {
    throw new Error("there are changes that are not committed: a release is of a commit");
  }
  const existing = remoteTags(root, "origin");
  const due = releasablePackages(root).filter((manifest) => !existing.has(releaseTag(manifest)));
  if (due.length === 0) {
    console.log("Nothing to release: every version has its tag (npm run version-packages makes new ones).");
  } else {
    await tagAll(due, dryRun);
  }
}

/**
 * @param {import("./release-packages.mjs").ReleasablePackage[]} due
 * @param {boolean} dryRun
 */
async function tagAll(due, dryRun) {
  // The compiler never deletes the output of a source that is gone, nor looks whether its output is still there.
  for (const { folder } of due) {
    for (const made of ["dist", "tsconfig.build.tsbuildinfo"]) {
      rmSync(path.join(root, folder, made), { recursive: true, force: true });
    }
  }
  await setup();
  const work = mkdtempSync(path.join(os.tmpdir(), "release-"));
  try {
    const tags = due.map((releasable) => {
      const tag = releaseTag(releasable);
      const tree = packPackage(root, releasable, path.join(work, tag));
      if (dryRun) {
        console.log(`${tag}  would be tagged`);
      } else {
        console.log(
          `${tag}  ${tagTree(root, tree, { tag, title: `${releasable.name} ${releasable.version}` })}`,
        );
      }
      return tag;
    });
    if (dryRun) {
      return;
    }
    pushTags(root, "origin", tags);
    console.log(`Pushed to origin: ${tags.join(" ")}`);
    if (process.env.GITHUB_OUTPUT) {
      appendFileSync(process.env.GITHUB_OUTPUT, `tags=${tags.join(" ")}\n`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    console.log(USAGE);
  } else {
    await release({ dryRun: values["dry-run"] });
  }
} catch (error) {
  console.error(`Release failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
