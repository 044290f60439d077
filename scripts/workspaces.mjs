import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "./run.mjs";

/** The folders of the workspaces, relative to the root: `packages/…` and `apps/…`. */
export const workspaces = ["packages", "apps"].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .map((name) => path.join(folder, name))
    .filter((workspace) => existsSync(path.join(root, workspace, "package.json"))),
);

/** The packages that other projects install: all but the one for this repository's own tests, which is never built. */
export const publishedPackages = workspaces.filter(
  (workspace) => workspace.startsWith("packages") && workspace !== path.join("packages", "test-support"),
);
