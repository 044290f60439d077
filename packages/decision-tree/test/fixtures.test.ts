import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { DATASETS } from "./read-fixture.js";

/** Files that take seconds to write; those of datasets take minutes. */
const FAST_FIXTURES = ["splits", "folds", "growth"];

const PYTHON = "/usr/bin/python3";
const VERSION = "1.2.1";
const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));

/** Other versions may round otherwise: only the one that wrote the fixtures can confirm them. */
const installed = spawnSync(PYTHON, ["-c", "import sklearn; print(sklearn.__version__)"], {
  encoding: "utf8",
});
const testWithScikitLearn = installed.status === 0 && installed.stdout.trim() === VERSION ? test : test.skip;
const names = process.env.REGENERATE_FIXTURES === "1" ? [...DATASETS, ...FAST_FIXTURES] : FAST_FIXTURES;

testWithScikitLearn(
  `agrees with the fixtures that scikit-learn ${VERSION} writes`,
  () => {
    const folder = mkdtempSync(path.join(tmpdir(), "fixtures-"));
    try {
      execFileSync(PYTHON, ["-B", path.join(FIXTURES, "generate.py"), folder, ...names], { stdio: "ignore" });
      for (const name of names) {
        const [written, kept] = [folder, FIXTURES].map((place) =>
          readFileSync(path.join(place, `${name}.json`), "utf8"),
        );
        expect(written).toBe(kept);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  30 * 60_000,
);
