import { expect } from "@jest/globals";
import path from "node:path";
import { shellCheck, testWithShellCheck } from "./support/shellcheck.js";

const root = path.join(import.meta.dirname, "../..");

testWithShellCheck.each(["deploy/deploy.sh", ".ci/run", ".ci/nightly", ".ci/radosgw"])(
  "passes shellcheck: %s",
  (script) => {
    expect(shellCheck([path.join(root, script)])).toBe("");
  },
);
