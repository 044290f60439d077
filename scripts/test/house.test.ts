import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { filesOpened } from "./support/files-opened.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The TypeScript files below `folder`, relative to the repository. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(folder, file));
}

const SOURCES = ["packages", "apps", "examples"].flatMap((folder) =>
  readdirSync(path.join(root, folder)).flatMap((workspace) =>
    sourcesBelow(path.join(folder, workspace, "src")),
  ),
);

test("keeps every source file within 400 lines", () => {
  const long = SOURCES.filter((file) => readFileSync(path.join(root, file), "utf8").split("\n").length > 401);
  expect(long).toEqual([]);
});

test("keeps storage, formats and logging of pipeline-utils within 109 files", () => {
  const folders = ["aws", "formats", "logging"].map((name) => `packages/pipeline-utils/src/${name}`);
  const files = folders.flatMap(sourcesBelow).filter((file) => !file.includes("/aws/registry/"));
  expect(files.length).toBeLessThanOrEqual(109);
});

test("leads a reader from the bucket to a prediction through at most 62 files", () => {
  const opened = filesOpened(root, [
    "packages/model-server/src/model/model-source.ts",
    "packages/model-server/src/routes/predict.ts",
  ]);
  expect(opened).toContain("packages/pipeline-utils/src/aws/artefacts/get/get-object.ts");
  expect(opened).toContain("packages/model-server/src/validation/row-reader.ts");
  expect(opened.length).toBeLessThanOrEqual(62);
});

test("names tests on the page about OWASP's list that are there", () => {
  const page = readFileSync(path.join(root, "docs/owasp-api-security.md"), "utf8");
  const named = new Set([...page.matchAll(/`([\w-]+\.test\.ts)`/g)].map(([, name]) => name));
  expect(named.size).toBeGreaterThan(10);
  expect(readdirSync(path.join(root, "packages/model-server/test"))).toEqual(
    expect.arrayContaining([...named]),
  );
});
