import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ESLint } from "eslint";

const root = fileURLToPath(new URL("../..", import.meta.url));
const UTILS = "packages/pipeline-utils/src";

/** A file, what it imports, and the rules that report it: none if the import is allowed. */
type Planted = readonly [title: string, file: string, source: string, rules: readonly string[]];

const PLANTED: readonly Planted[] = [
  [
    "an app may import an entry of a package",
    "apps/time-to-dispatch-train/src/entry.ts",
    'export { nothing } from "@ml-pipelines/pipeline-utils/aws";',
    [],
  ],
  [
    "a model may import the type of a dataset",
    `${UTILS}/aws/models/dataset-type.ts`,
    'import type { Dataset } from "../datasets/dataset.js"; export type A = Dataset;',
    [],
  ],
  ["an index may import the index of a folder", `${UTILS}/index.ts`, 'export * from "./aws/index.js";', []],
  [
    "no package imports another",
    "packages/decision-tree/src/other-package.ts",
    'import "@ml-pipelines/pipeline-utils";',
    ["arrows of packages/decision-tree"],
  ],
  [
    "no package imports an app",
    "packages/local-s3/src/app.ts",
    'import "../../../apps/time-to-dispatch-train/src/entry.js";',
    ["arrows of packages/local-s3", "no-app-outside"],
  ],
  [
    "no app imports another",
    "apps/time-to-dispatch-serve/src/other-app.ts",
    'import "../../time-to-dispatch-train/src/entry.js";',
    ["arrows of apps/time-to-dispatch-serve", "no-app-outside"],
  ],
  [
    "no test imports the app of another workspace",
    "packages/decision-tree/test/app.test.ts",
    'import "../../../apps/time-to-dispatch-train/src/entry.js";',
    ["no-app-outside"],
  ],
  [
    "no test imports the tests of another workspace",
    "apps/time-to-dispatch-serve/test/borrowed.test.ts",
    'import "../../../packages/model-server/test/support/post.js";',
    ["no-test-outside"],
  ],
  [
    "no script imports the tests of a workspace",
    "scripts/borrowed.mjs",
    'import "../packages/model-server/test/support/post.js";',
    ["no-test-outside"],
  ],
  [
    "a test may import test-support",
    "apps/time-to-dispatch-serve/test/shared.test.ts",
    'import "@ml-pipelines/test-support/post";',
    [],
  ],
  [
    "no source imports test-support",
    "packages/decision-tree/src/test-support.ts",
    'import "@ml-pipelines/test-support/post";',
    ["arrows of packages/decision-tree"],
  ],
  [
    "no source imports local-s3",
    "apps/time-to-dispatch-train/src/local-s3.ts",
    'await import("@ml-pipelines/local-s3");',
    ["arrows of apps/time-to-dispatch-train"],
  ],
  [
    "model-server imports pipeline-utils only",
    "packages/model-server/src/tree.ts",
    'import "@ml-pipelines/decision-tree"; import "@ml-pipelines/pipeline-utils/aws";',
    ["arrows of packages/model-server"],
  ],
  [
    "an app imports no file inside a package",
    "apps/time-to-dispatch-train/src/deep.ts",
    'import type {} from "../../../packages/pipeline-utils/src/errors.js";',
    ["public-entries-only"],
  ],
  [
    "formats know no S3",
    `${UTILS}/formats/s3.ts`,
    'import type {} from "../aws/etag.js"; import type {} from "@aws-sdk/client-s3";',
    ["arrows of formats", "arrows of formats"],
  ],
  [
    "artefacts know no formats",
    `${UTILS}/aws/artefacts/table.ts`,
    'import type {} from "../../formats/s3.js"; import type {} from "apache-arrow";',
    ["arrows of aws/artefacts", "arrows of aws/artefacts"],
  ],
  [
    "a model knows no other file of datasets",
    `${UTILS}/aws/models/get-dataset.ts`,
    'import type {} from "../datasets/get-dataset.js";',
    ["arrows of aws/models"],
  ],
  [
    "monitoring imports no stage",
    `${UTILS}/monitoring/stage.ts`,
    'import type {} from "../stage/run.js";',
    ["arrows of monitoring"],
  ],
  [
    "a new folder needs a row",
    `${UTILS}/new-folder/file.ts`,
    'import type {} from "../errors.js";',
    ["no row"],
  ],
  [
    "a new workspace needs a row",
    "packages/new-package/src/file.ts",
    'import type {} from "@ml-pipelines/pipeline-utils";',
    ["no row"],
  ],
  [
    "a circle of types is a circle",
    "packages/decision-tree/src/circle-a.ts",
    'import type { B } from "./circle-b.js"; export interface A { b: B }',
    ["no-circle"],
  ],
  [
    "nothing inside imports the index of its package",
    "packages/decision-tree/src/inside.ts",
    'import type {} from "./index.js";',
    ["no-index-inside"],
  ],
  [
    "nothing inside imports the index of a folder",
    `${UTILS}/ml-cart/inside.ts`,
    'import type {} from "../aws/models/index.js";',
    ["no-index-inside"],
  ],
  ["a mistyped path is reported", "scripts/mistyped.mjs", 'import "./mising.mjs";', ["resolvable"]],
];

/** The files that the planted files import. */
const IMPORTED: Readonly<Record<string, string>> = {
  "node_modules/@aws-sdk/client-s3/index.js": "export class S3Client {}",
  "node_modules/apache-arrow/index.js": "export {};",
  "packages/decision-tree/src/circle-b.ts":
    'import type { A } from "./circle-a.js"; export interface B { a: A }',
  "packages/decision-tree/src/index.ts": "export {};",
  "packages/local-s3/src/index.ts": "export {};",
  "packages/model-server/test/support/post.js": "export {};",
  "packages/test-support/src/post.ts": "export {};",
  [`${UTILS}/aws/datasets/dataset.ts`]: "export interface Dataset { readonly key: string }",
  [`${UTILS}/aws/datasets/get-dataset.ts`]: "export {};",
  [`${UTILS}/aws/etag.ts`]: "export {};",
  [`${UTILS}/aws/index.ts`]: "export const nothing = undefined;",
  [`${UTILS}/aws/models/index.ts`]: "export {};",
  [`${UTILS}/errors.ts`]: "export {};",
  [`${UTILS}/stage/run.ts`]: "export {};",
};

describe("the table of imports", () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "import-direction-")));
  let violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[] = [];

  beforeAll(() => {
    for (const file of ["tsconfig.json", "tsconfig.base.json"]) {
      copyFileSync(path.join(root, file), path.join(folder, file));
    }
    const planted = PLANTED.map(([, file, source]) => [file, source] as const);
    for (const [file, source] of [...Object.entries(IMPORTED), ...planted]) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), source);
    }
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        path.join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
        ...["--config", path.join(root, ".dependency-cruiser.mjs"), "--output-type", "json"],
        ...["packages", "apps", "scripts"],
      ],
      { cwd: folder, encoding: "utf8" },
    );
    expect(stderr).toBe("");
    ({
      summary: { violations },
    } = JSON.parse(stdout) as { summary: { violations: typeof violations } });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(PLANTED)("enforces that %s", (_, file, __, rules) => {
    const reported = violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
    expect(reported.toSorted()).toEqual(rules);
  });

  test("reports no file that is only imported", () => {
    expect(violations.filter(({ from }) => from in IMPORTED)).toEqual([]);
  });
});

test.each([
  ['export { readCsv } from "./csv/read-csv.js"; export * from "./errors.js";', 0],
  ["export {};", 0],
  ["export const READ = 1;", 1],
  ['import { readCsv } from "./csv/read-csv.js"; export { readCsv };', 1],
])("allows only exports in an index.ts: %s", async (source, count) => {
  const eslint = new ESLint({
    cwd: root,
    // The rule needs no types, which take seconds to load.
    ruleFilter: ({ ruleId }) => ruleId === "no-restricted-syntax",
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  });
  const [result] = await eslint.lintText(source, { filePath: path.join(root, UTILS, "index.ts") });
  expect(result?.messages.map(({ message }) => message)).toEqual(
    Array.from({ length: count }, () => "An index.ts only re-exports."),
  );
});
