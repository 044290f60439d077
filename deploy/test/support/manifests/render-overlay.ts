import { execFileSync } from "node:child_process";
import path from "node:path";

/** The manifests of an environment as kubectl would apply them, as YAML. */
export function renderOverlay(environment: string): string {
  const overlay = path.join(import.meta.dirname, "../../../overlays", environment);
  return execFileSync("kubectl", ["kustomize", overlay], { encoding: "utf8" });
}
