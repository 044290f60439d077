import { setTimeout as sleep } from "node:timers/promises";
import type { FakeCluster } from "./fake-cluster/fake-cluster.js";
import { startFakeCluster } from "./fake-cluster/fake-cluster.js";
import type { ContainerResult } from "./fake-cluster/job-controller.js";
import type { PodCommand } from "./fake-cluster/pod-command.js";
import type { KubeObject } from "./kube-object.js";
import { at } from "./kube-object.js";
import type { StoreSnapshot } from "./fake-cluster/object-store.js";
import { deploy } from "./run-deploy.js";

export const NAMESPACE = "time-to-dispatch-production";

/** Arguments of pods that serve the newest model, before the bucket's name is filled in. */
export const FOLLOWING = ["$(S3_BUCKET)"];

/** The state in which a deployment left a cluster. */
interface Release {
  readonly store: StoreSnapshot;
  readonly trainings: ObservedCluster["trainings"];
  readonly rollOuts: ObservedCluster["rollOuts"];
}

/** By the options of the deployment. */
const releases = new Map<string, Release>();

/** A cluster whose trainings succeed and whose pods become ready, with what both were told to do. */
export class ObservedCluster {
  /** Each training that succeeded: its arguments, and where it said it put its model. */
  readonly trainings: { command: PodCommand; key: string }[] = [];
  /** The arguments of the pods of each roll-out. */
  readonly rollOuts: string[][] = [];

  private constructor(readonly cluster: FakeCluster) {
    cluster.behaviour.train = async (command) => this.trained(command);
    cluster.behaviour.serve = async ({ args }) => this.rollOuts.push(args) > 0;
  }

  static async start(): Promise<ObservedCluster> {
    return new ObservedCluster(await startFakeCluster({ train: never, serve: never }));
  }

  /**
   * Bring a new cluster to the state in which a deployment leaves it. The first call in a test file runs deploy.sh; the
   * others restore the objects that it left.
   */
  async release(...options: string[]): Promise<void> {
    const key = options.join(" ");
    const release = releases.get(key);
    if (release !== undefined) {
      this.cluster.store.restore(release.store);
      this.trainings.push(...release.trainings);
      this.rollOuts.push(...release.rollOuts);
      return;
    }
    const { code, stderr } = await deploy(this.cluster, ["production", ...options]);
    if (code !== 0) {
      throw new Error(`deploy.sh ended with ${code}: ${stderr}`);
    }
    releases.set(key, {
      store: this.cluster.store.snapshot(),
      trainings: [...this.trainings],
      rollOuts: [...this.rollOuts],
    });
  }

  /** The outcome of a training that succeeds. */
  trained(command: PodCommand): ContainerResult {
    const key = `models/time-to-dispatch_2026-11-20T22:00:0${this.trainings.length + 1}.558Z.json`;
    this.trainings.push({ command, key });
    const message = `Model serialised and persisted to s3://${command.args[0] ?? ""}/${key}`;
    return {
      exitCode: 0,
      log: `{"level":"INFO","message":"${message}"}\n{"level":"INFO","message":"Done"}\n`,
    };
  }

  /** The variable that pins pods to the model of a training. */
  pin(training: number): string {
    return `--model-key=${this.trainings[training]?.key ?? ""}`;
  }

  pinned(training: number): string[] {
    return [...FOLLOWING, this.pin(training)];
  }

  get deployment(): KubeObject | undefined {
    return this.cluster.store.get("Deployment", NAMESPACE, "serve-model");
  }

  /** Arguments of the service's pods, by the Deployment as it is now. */
  get servingArgs(): unknown {
    return at(this.deployment, "spec", "template", "spec", "containers", 0, "args");
  }

  /** The ReplicaSet that passed as a release, as deploy.sh keeps it. */
  get released(): string | undefined {
    return this.deployment?.metadata.annotations?.["time-to-dispatch/released-replica-set"];
  }

  get isDeployed(): boolean {
    return this.deployment !== undefined;
  }

  /** Who is at work on the environment, by its Lease; undefined if nobody is. */
  get lease(): KubeObject | undefined {
    return this.cluster.store.get("Lease", NAMESPACE, "deploy");
  }

  /** As if a run that was killed had given its lease back: the next one does not wait. */
  endLease(): void {
    this.cluster.store.delete(this.#heldLease);
  }

  /** As if the time were over for which a run that was killed holds the next one up. */
  shortenLease(): void {
    const lease = this.#heldLease;
    this.cluster.store.put({ ...lease, spec: { ...lease.spec, leaseDurationSeconds: 1 } });
  }

  get #heldLease(): KubeObject {
    const { lease } = this;
    if (lease === undefined) {
      throw new Error("no run holds the lease");
    }
    return lease;
  }

  get jobs(): KubeObject[] {
    return this.cluster.store.list("Job");
  }
}

export function isPin(args: string[]): boolean {
  return args.some((argument) => argument.startsWith("--model-key="));
}

export function never(): Promise<never> {
  return new Promise(() => undefined);
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await sleep(20);
  }
}
