import { afterAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseDockerfile } from "./support/image/parse-dockerfile.js";
import { replayBuild } from "./support/image/replay-build.js";

const context = path.join(import.meta.dirname, "../..");
const stages = parseDockerfile(readFileSync(path.join(context, "Dockerfile"), "utf8"));
const folder = mkdtempSync(path.join(os.tmpdir(), "image-"));
const layers = new Set<string>();
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the replayed build of the image", () => {
  test.each(["time-to-dispatch-serve", "time-to-dispatch-train"])(
    "builds %s, which runs without any other file",
    async (app) => {
      const { root, workingDirectory, environment, entrypoint } = await replayBuild(stages, {
        context,
        folder,
        layers,
        buildArguments: { APP: app, GIT_COMMIT_HASH: "0123456789abcdef" },
      });
      // The image lacks the build's folder: a link into it must fail here as it would there.
      await rename(path.join(folder, "build"), path.join(folder, "gone"));
      expect(environment).toMatchObject({ NODE_ENV: "production", GIT_COMMIT_HASH: "0123456789abcdef" });
      expect(environment.NODE_OPTIONS).toBe(
        app === "time-to-dispatch-serve" ? "--max-semi-space-size=4" : undefined,
      );

      const [command = "", ...args] = entrypoint;
      const { status, stdout, stderr } = spawnSync(command, [...args, "--help"], {
        cwd: path.join(root, workingDirectory),
        env: { PATH: process.env.PATH, ...environment },
        encoding: "utf8",
      });
      await rename(path.join(folder, "gone"), path.join(folder, "build"));
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(new RegExp(`^usage: ${app} S3_BUCKET`));

      // The bundle contains everything that the program imports.
      const modules = path.join(root, workingDirectory, "node_modules/.pnpm");
      const installed = existsSync(modules) ? readdirSync(modules) : [];
      expect(installed.filter((name) => name.includes("@"))).toEqual([]);
      await Promise.all([path.join(folder, "build/app"), root].map((made) => rm(made, { recursive: true })));
    },
    300_000,
  );
});
