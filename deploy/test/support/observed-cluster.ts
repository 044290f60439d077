import { setTimeout as sleep } from "node:timers/promises";
import type { FakeCluster } from "./fake-cluster/fake-cluster.js";
import { startFakeCluster } from "./fake-cluster/fake-cluster.js";
import type { ContainerResult } from "./fake-cluster/job-controller.js";
import type { PodCommand } from "./fake-cluster/pod-command.js";
import type { KubeObject } from "./kube-object.js";
import { at } from "./kube-object.js";

export const NAMESPACE = "time-to-dispatch-production";

/** What pods that serve the newest model are told to do, before the bucket's name is filled in. */
export const FOLLOWING = ["$(S3_BUCKET)"];

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

  /** What a training that succeeds comes to. */
  trained(command: PodCommand): ContainerResult {
    const key = `models/time-to-dispatch_2026-11-20T22:00:0${this.trainings.length + 1}.558Z.json`;
    this.trainings.push({ command, key });
    const message = `Model serialised and persisted to s3://${command.args[0] ?? ""}/${key}`;
    return {
      exitCode: 0,
      log: `{"level":"INFO","message":"${message}"}\n{"level":"INFO","message":"Done"}\n`,
    };
  }

  /** What pins pods to the model of a training. */
  pin(training: number): string {
    return `--model-key=${this.trainings[training]?.key ?? ""}`;
  }

  pinned(training: number): string[] {
    return [...FOLLOWING, this.pin(training)];
  }

  get deployment(): KubeObject | undefined {
    return this.cluster.store.get("Deployment", NAMESPACE, "serve-model");
  }

  /** What the pods of the service are told to do, by the Deployment as it is now. */
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

  /** As if the time were over for which a run that was killed holds the next one up. */
  shortenLease(): void {
    const { lease } = this;
    if (lease === undefined) {
      throw new Error("no run holds the lease");
    }
    this.cluster.store.put({ ...lease, spec: { ...lease.spec, leaseDurationSeconds: 1 } });
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
