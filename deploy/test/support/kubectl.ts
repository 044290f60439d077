import { spawnSync } from "node:child_process";
import { describe } from "@jest/globals";

const version = spawnSync("kubectl", ["version", "--client", "--output=json"], { encoding: "utf8" });

const hasKubectl = version.status === 0;

/** Tests that run the real kubectl; skipped, and said so, where there is none. */
export const describeWithKubectl: typeof describe.skip = hasKubectl ? describe : describe.skip;

if (!hasKubectl) {
  process.stderr.write(
    "SKIPPED: kubectl is not installed, so the manifests and deploy.sh are not tested here " +
      "(https://kubernetes.io/docs/tasks/tools/)\n",
  );
}
