import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "./run.mjs";

/** The folders of the workspaces, relative to the root: `packages/…` and `apps/…`. */
export const workspaces = ["packages", "apps"].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .map((name) => path.join(folder, name))
    .filter((workspace) => existsSync(path.join(root, workspace, "package.json"))),
);
