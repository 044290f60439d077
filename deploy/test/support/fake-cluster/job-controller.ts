import { randomBytes } from "node:crypto";
import type { JsonObject, KubeObject } from "../kube-object.js";
import { at, list } from "../kube-object.js";
import type { ObjectStore } from "./object-store.js";
import type { PodCommand } from "./pod-command.js";
import { podCommand } from "./pod-command.js";

/** How a container ended. */
export interface ContainerResult {
  exitCode: number;
  log: string;
}

export type RunContainer = (command: PodCommand) => Promise<ContainerResult>;

/**
 * Runs each new Job's pods one after the other, by its backoffLimit and its podFailurePolicy for exit codes.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export class JobController {
  /** The output of each pod, by the pod's name. */
  readonly logs = new Map<string, string>();

  constructor(
    private readonly store: ObjectStore,
    private readonly run: RunContainer,
  ) {}

  async reconcile(job: KubeObject): Promise<void> {
    const backoffLimit = Number(at(job, "spec", "backoffLimit") ?? 6);
    this.#setStatus(job, { active: 1 });
    for (let failed = 0; ;) {
      const { exitCode } = await this.#runPod(job);
      failed++;
      const end =
        exitCode === 0
          ? { type: "Complete", reason: "CompletionsReached" }
          : failsJob(job, exitCode)
            ? { type: "Failed", reason: "PodFailurePolicy" }
            : failed > backoffLimit && { type: "Failed", reason: "BackoffLimitExceeded" };
      if (end !== false) {
        this.#setStatus(job, { conditions: [{ ...end, status: "True" }] });
        return;
      }
    }
  }

  async #runPod(job: KubeObject): Promise<ContainerResult> {
    const { name, namespace = "" } = job.metadata;
    const template = at(job, "spec", "template");
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `${name}-${randomBytes(3).toString("hex")}`,
        namespace,
        labels: { "batch.kubernetes.io/job-name": name },
      },
      spec: { containers: list(at(template, "spec", "containers")) },
    };
    this.store.put({ ...pod, status: { phase: "Running" } });
    const result = await this.run(podCommand(template, namespace, this.store));
    this.logs.set(pod.metadata.name, result.log);
    this.store.put({ ...pod, status: { phase: result.exitCode === 0 ? "Succeeded" : "Failed" } });
    return result;
  }

  #setStatus({ kind, metadata }: KubeObject, status: JsonObject): void {
    const job = this.store.get(kind, metadata.namespace, metadata.name);
    // It may have been deleted while it ran.
    if (job !== undefined) {
      this.store.put({ ...job, status });
    }
  }
}

function failsJob(job: KubeObject, exitCode: number): boolean {
  const rule = list(at(job, "spec", "podFailurePolicy", "rules")).find((candidate) => {
    const named = list(at(candidate, "onExitCodes", "values")).includes(exitCode);
    const operator = at(candidate, "onExitCodes", "operator");
    return operator === "In" ? named : operator === "NotIn" && !named;
  });
  return at(rule, "action") === "FailJob";
}
