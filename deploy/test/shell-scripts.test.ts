import { expect } from "@jest/globals";
import path from "node:path";
import { shellCheck, testWithShellCheck } from "./support/shellcheck.js";

const root = path.join(import.meta.dirname, "../..");

testWithShellCheck.each(["deploy/deploy.sh", ".ci/run", ".ci/nightly", ".ci/radosgw"])(
  "%s has nothing that shellcheck objects to",
  (script) => {
    expect(shellCheck([path.join(root, script)])).toBe("");
  },
);
