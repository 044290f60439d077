import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const folder = fileURLToPath(new URL("../../examples/linear-regression", import.meta.url));

test("passes its own tests", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["test"], { cwd: folder, encoding: "utf8" });
  expect(`${stdout}${stderr}`).toMatch(/^(#|ℹ) fail 0$/m);
  expect(status).toBe(0);
});

test("has less than 100 lines of code", () => {
  const sources = path.join(folder, "src");
  const texts = readdirSync(sources).map((name) => readFileSync(path.join(sources, name), "utf8"));
  expect(texts.join("").trimEnd().split("\n").length).toBeLessThan(100);
});

test("runs what its README shows of arquero and DuckDB", () => {
  const readme = readFileSync(path.join(folder, "README.md"), "utf8");
  const shown = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const explored = readFileSync(path.join(folder, "test/explore.test.ts"), "utf8");
  expect(shown).toMatch(/fromArrow\(data\).*insertArrowFromIPCStream/s);
  for (const line of shown.trimEnd().split("\n")) {
    expect(explored).toContain(line);
  }
});
