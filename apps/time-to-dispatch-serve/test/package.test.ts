import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("the package, and so the image, has the files of the page and of the documentation", async () => {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
  });
  const packages: unknown = JSON.parse(stdout);
  const pages = await readdir(`${folder}/public`);
  expect(pages).toContain("index.html");
  const files: unknown = expect.arrayContaining(
    pages.map((name) => expect.objectContaining({ path: `public/${name}` })),
  );
  expect(packages).toEqual([expect.objectContaining({ files })]);
});
