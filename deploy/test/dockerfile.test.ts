import { describe, expect, test } from "@jest/globals";
import { validate } from "dockerfile-utils";
import { readFileSync } from "node:fs";
import { parseDockerIgnore } from "./support/image/build-context.js";
import { parseDockerfile } from "./support/image/parse-dockerfile.js";

const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8");

describe("the Dockerfile", () => {
  const stages = parseDockerfile(dockerfile);
  const last = stages.at(-1);
  const named = (name: string) => last?.instructions.filter((instruction) => instruction.name === name) ?? [];

  test("has nothing that its linter objects to", () => {
    expect(
      validate(dockerfile).map(({ message, range }) => ({ line: range.start.line + 1, message })),
    ).toEqual([]);
  });

  test("begins each stage with a version of its base", () => {
    expect(stages).toHaveLength(2);
    for (const { base } of stages) expect(base).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  });

  test("ends as a user without rights, with no shell between the program and its signals", () => {
    expect(named("USER")).toEqual([{ name: "USER", rest: "1000:1000" }]);
    expect(named("ENTRYPOINT")[0]?.rest).toMatch(/^\["node", .*"dist\/main\.js"\]$/);
    expect(named("CMD")).toEqual([]);
  });

  test("takes over from the build nothing but the program", () => {
    expect(named("COPY")).toEqual([{ name: "COPY", rest: "--from=build /app ./" }]);
    expect(named("RUN")).toEqual([]);
  });
});

describe("the build context", () => {
  const ignored = parseDockerIgnore(readFileSync(new URL("../../.dockerignore", import.meta.url), "utf8"));

  test.each([
    "package.json",
    "packages/local-s3/src/main.ts",
    "apps/time-to-dispatch-train/package.json",
    "types/ml-cart.d.ts",
  ])("has %s", (file) => {
    expect(ignored(file)).toBe(false);
  });

  test.each([
    ".git",
    ".env",
    "apps/time-to-dispatch-serve/.env.local",
    "node_modules",
    "packages/local-s3/node_modules",
    "packages/local-s3/dist/main.js",
    "packages/pipeline-utils/test/formats",
    "deploy/deploy.sh",
    "README.md",
  ])("has no %s", (file) => {
    expect(ignored(file)).toBe(true);
  });
});
