import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { FakeCluster } from "./fake-cluster/fake-cluster.js";

export const SCRIPT = path.join(import.meta.dirname, "../../deploy.sh");

/**
 * Copy the folder of the script, with the images of the next release in its overlays.
 *
 * @returns The copy's script; its folder is to be removed.
 */
export async function nextRelease(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "deploy-"));
  for (const name of ["deploy.sh", "lib", "base", "overlays"]) {
    await cp(path.join(path.dirname(SCRIPT), name), path.join(folder, name), { recursive: true });
  }
  const overlay = path.join(folder, "overlays/production/kustomization.yaml");
  const text = await readFile(overlay, "utf8");
  await writeFile(overlay, text.replaceAll('newTag: "0.1.0"', 'newTag: "0.2.0"'));
  return path.join(folder, "deploy.sh");
}

export interface DeployResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A run of deploy.sh that has begun. */
export interface DeployRun {
  /** As a closed terminal, Ctrl-C or a cancelled workflow would. */
  interrupt(signal: "SIGHUP" | "SIGINT" | "SIGTERM"): void;
  /** As the end of its machine would. */
  kill(): void;
  result: Promise<DeployResult>;
}

export function startDeploy(
  cluster: FakeCluster,
  args: string[],
  env: Record<string, string> = {},
  script = SCRIPT,
): DeployRun {
  const child = spawn(script, args, {
    env: { PATH: process.env.PATH, HOME: path.dirname(cluster.env.KUBECONFIG), ...cluster.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that a signal reaches kubectl too, as Ctrl-C in a terminal does.
    detached: true,
  });
  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined) {
      process.kill(-child.pid, signal);
    }
  };
  const result = Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]).then(
    ([, stdout, stderr]) => ({ code: child.exitCode, stdout, stderr }),
  );
  return { interrupt: signalGroup, kill: signalGroup.bind(undefined, "SIGKILL"), result };
}

export function deploy(
  cluster: FakeCluster,
  args: string[],
  env?: Record<string, string>,
  script?: string,
): Promise<DeployResult> {
  return startDeploy(cluster, args, env, script).result;
}
