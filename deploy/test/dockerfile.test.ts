import { describe, expect, test } from "@jest/globals";
import { validate } from "dockerfile-utils";
import { readFileSync } from "node:fs";
import { parseDockerIgnore } from "./support/image/build-context.js";
import { parseDockerfile } from "./support/image/parse-dockerfile.js";

const PROGRAMS = ["time-to-dispatch-train", "time-to-dispatch-serve"];
const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8");

describe("the Dockerfile", () => {
  const stages = parseDockerfile(dockerfile);
  const last = stages.at(-1);
  const named = (name: string) => last?.instructions.filter((instruction) => instruction.name === name) ?? [];

  test("passes its linter", () => {
    expect(
      validate(dockerfile).map(({ message, range }) => ({ line: range.start.line + 1, message })),
    ).toEqual([]);
  });

  test("uses one version of Node in all stages, and the program's stage for the image", () => {
    const bases = stages.map(({ base }) => base);
    expect(bases.pop()).toBe("${APP}");
    expect(stages.map(({ name }) => name)).toEqual(["build", ...PROGRAMS, undefined]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  });

  test("keeps the service's space for new objects small, and leaves training V8's default", () => {
    const settings = PROGRAMS.map((program) => stages.find(({ name }) => name === program)?.instructions);
    expect(settings).toEqual([[], [{ name: "ENV", rest: "NODE_OPTIONS=--max-semi-space-size=4" }]]);
  });

  test("runs as a user without privileges, with no shell around the program", () => {
    expect(named("USER")).toEqual([{ name: "USER", rest: "1000:1000" }]);
    expect(named("ENTRYPOINT")[0]?.rest).toMatch(/^\["node", .*"dist\/main\.js"\]$/);
    expect(named("CMD")).toEqual([]);
  });

  test("copies only the program from the build", () => {
    expect(named("COPY")).toEqual([{ name: "COPY", rest: "--from=build /app ./" }]);
    expect(named("RUN")).toEqual([]);
  });
});

describe("the build context", () => {
  const ignored = parseDockerIgnore(readFileSync(new URL("../../.dockerignore", import.meta.url), "utf8"));

  test.each([
    "package.json",
    "packages/local-s3/src/main.ts",
    "packages/model-server/package.json",
    "packages/model-server/src/serve-model.ts",
    "packages/model-server/public/page.js",
    "packages/model-server/build/copy-swagger-ui.mjs",
    "apps/time-to-dispatch-serve/build/bundle.mjs",
    "scripts/build.mjs",
    "scripts/bundle/bundle-app.mjs",
    "apps/time-to-dispatch-train/package.json",
  ])("includes %s", (file) => {
    expect(ignored(file)).toBe(false);
  });

  test.each([
    ".git",
    ".env",
    "apps/time-to-dispatch-serve/.env.local",
    "apps/time-to-dispatch-serve/public/page.js",
    "packages/model-server/test/fixtures",
    "packages/model-server/dist/index.js",
    "node_modules",
    "packages/local-s3/node_modules",
    "packages/local-s3/dist/main.js",
    "packages/pipeline-utils/test/formats",
    "deploy/deploy.sh",
    "README.md",
  ])("excludes %s", (file) => {
    expect(ignored(file)).toBe(true);
  });
});
