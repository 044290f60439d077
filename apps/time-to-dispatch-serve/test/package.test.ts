import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const folder = fileURLToPath(new URL("..", import.meta.url));

const BUILT = [
  "dist/main.js",
  "dist/THIRD-PARTY-LICENCES.txt",
  "dist/packages.cdx.json",
  "dist/swagger-ui/swagger-ui.css.gz",
  "dist/swagger-ui/swagger-ui-bundle.js.gz",
];

test("has the files of the page and of the documentation", async () => {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
  });
  const packages: unknown = JSON.parse(stdout);
  const pages = await readdir(`${folder}/public`);
  expect(pages).toContain("index.html");
  const files: unknown = expect.arrayContaining(
    [...pages.map((name) => `public/${name}`), ...BUILT].map((path) => expect.objectContaining({ path })),
  );
  expect(packages).toEqual([expect.objectContaining({ files })]);
});
