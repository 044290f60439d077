import { createHash } from "node:crypto";
import type { JsonObject, KubeObject } from "../kube-object.js";
import { at, isJsonObject, list } from "../kube-object.js";
import type { ObjectStore } from "./object-store.js";
import type { PodCommand } from "./pod-command.js";
import { podCommand } from "./pod-command.js";

/** Whether a pod with this command becomes ready within the progress deadline. */
export type BecomesReady = (command: PodCommand) => Promise<boolean>;

const REVISION = "deployment.kubernetes.io/revision";
const TEMPLATE_HASH = "pod-template-hash";
/** Annotations that a ReplicaSet does not take from its Deployment. */
const NOT_COPIED = [REVISION, "kubectl.kubernetes.io/last-applied-configuration"];

/**
 * Keeps a ReplicaSet for each pod template that a Deployment has had, numbered by revisions, and says whether the
 * newest one's pods became ready.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
export class DeploymentController {
  constructor(
    private readonly store: ObjectStore,
    private readonly becomesReady: BecomesReady,
  ) {}

  async reconcile(changed: KubeObject): Promise<void> {
    const { namespace = "", name, generation } = changed.metadata;
    const current = () => this.store.get("Deployment", namespace, name);
    const deployment = current();
    if (deployment === undefined) {
      return;
    }
    if (at(deployment, "status", "observedGeneration") === generation) {
      // No other pods, but the annotations may have changed: a roll-back brings those of the ReplicaSet back.
      this.#newestReplicaSet(deployment);
      return;
    }
    const revision = this.#newestReplicaSet(deployment);
    const annotations = { ...deployment.metadata.annotations, [REVISION]: revision };
    this.store.put({
      ...deployment,
      metadata: { ...deployment.metadata, annotations },
      status: progressing(generation, "True", "ReplicaSetUpdated", { replicas: 2, updatedReplicas: 1 }),
    });
    const command = podCommand(at(deployment, "spec", "template"), namespace, this.store);
    const isAsleep = at(deployment, "spec", "replicas") === 0;
    const ready = isAsleep || (await this.becomesReady(command).catch(() => false));
    const latest = current();
    if (latest === undefined || latest.metadata.generation !== generation) {
      return;
    }
    if (ready) {
      this.#replacePods(deployment);
    }
    const replicas = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    this.store.put({
      ...latest,
      status: ready
        ? progressing(generation, "True", "NewReplicaSetAvailable", replicas)
        : progressing(generation, "False", "ProgressDeadlineExceeded", { replicas: 2, updatedReplicas: 1 }),
    });
  }

  /** One pod of the present template stands for all. */
  #replacePods({ metadata: { namespace, name }, spec }: KubeObject): void {
    const template = at(spec, "template");
    const labels = labelsOf(template);
    const pods = this.store
      .list("Pod", namespace)
      .filter(({ metadata }) => metadata.name.startsWith(`${name}-`) && metadata.name.endsWith("-0"));
    for (const pod of pods) {
      this.store.delete(pod);
    }
    this.store.put({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `${name}-${hashOf(template)}-0`,
        ...(namespace === undefined ? {} : { namespace }),
        labels,
      },
      spec: { containers: list(at(template, "spec", "containers")) },
      status: { phase: "Running" },
    });
  }

  /** Make or renew the ReplicaSet of the Deployment's present template: it becomes the greatest revision. */
  #newestReplicaSet(deployment: KubeObject): string {
    const { namespace, name, uid = "" } = deployment.metadata;
    const template = at(deployment, "spec", "template");
    const hash = hashOf(template);
    const siblings = this.store
      .list("ReplicaSet", namespace)
      .filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);
    const greatest = Math.max(0, ...siblings.map(revisionOf));
    const existing = siblings.find(({ metadata }) => metadata.labels?.[TEMPLATE_HASH] === hash);
    const unchanged = existing !== undefined && revisionOf(existing) === greatest;
    const revision = String(unchanged ? greatest : greatest + 1);
    const labels = { ...labelsOf(template), [TEMPLATE_HASH]: hash };
    const annotations = { ...existing?.metadata.annotations, ...copied(deployment), [REVISION]: revision };
    this.store.put({
      ...existing,
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        ...existing?.metadata,
        name: `${name}-${hash}`,
        ...(namespace === undefined ? {} : { namespace }),
        labels,
        annotations,
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true }],
      },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: labelled(template, labels) },
    });
    return revision;
  }
}

function hashOf(template: unknown): string {
  return createHash("sha1").update(canonical(template)).digest("hex").slice(0, 10);
}

/** One text for equal templates: the order of fields is of no account, nor are those without a value, as kubectl writes. */
function canonical(template: unknown): string {
  return JSON.stringify(template, (_field, value: unknown) =>
    isJsonObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, inner]) => inner !== null)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : value,
  );
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function copied({ metadata }: KubeObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.includes(name)),
  );
}

function labelsOf(template: unknown): Record<string, string> {
  const labels = at(template, "metadata", "labels");
  return isJsonObject(labels)
    ? Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]))
    : {};
}

function labelled(template: unknown, labels: Record<string, string>): JsonObject {
  const metadata = at(template, "metadata");
  return {
    ...(isJsonObject(template) ? template : {}),
    metadata: { ...(isJsonObject(metadata) ? metadata : {}), labels },
  };
}

function progressing(
  observedGeneration: number | undefined,
  status: "True" | "False",
  reason: string,
  replicas: JsonObject,
): JsonObject {
  return { observedGeneration, ...replicas, conditions: [{ type: "Progressing", status, reason }] };
}
