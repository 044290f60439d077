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

/** The service's image in the overlay, and one of a later release. */
export const IMAGE = "registry.example.com/time-to-dispatch-serve:0.1.0";
export const NEXT_IMAGE = "registry.example.com/time-to-dispatch-serve:0.2.0";

const BUCKET = "bodywork-time-to-dispatch";

/** The state in which a deployment left a cluster. */
interface Release {
  readonly store: StoreSnapshot;
  readonly trainings: ObservedCluster["trainings"];
  readonly rollOuts: ObservedCluster["rollOuts"];
  readonly moves: ObservedCluster["moves"];
}

let release: Release | undefined;

/** A cluster whose trainings succeed and whose pods become ready and follow the alias, with what all were told to do. */
export class ObservedCluster {
  /** Each training that succeeded: its arguments, and where it said it put its model. */
  readonly trainings: { command: PodCommand; key: string }[] = [];
  /** The image of each roll-out. */
  readonly rollOuts: string[] = [];
  /** The keys that the alias named, one a sequence. */
  readonly moves: string[] = [];

  private constructor(readonly cluster: FakeCluster) {
    cluster.behaviour.train = async (command) => this.run(command);
    cluster.behaviour.serve = async (command) => this.rolledOut(command);
    cluster.behaviour.serveLog = () => this.followed(this.moves.length);
  }

  static async start(): Promise<ObservedCluster> {
    return new ObservedCluster(await startFakeCluster({ train: never, serve: never, serveLog: () => "" }));
  }

  /**
   * Bring a new cluster to the state in which a deployment leaves it. The first call in a test file runs deploy.sh; the
   * others restore the objects that it left.
   */
  async release(): Promise<void> {
    if (release !== undefined) {
      this.cluster.store.restore(release.store);
      this.trainings.push(...release.trainings);
      this.rollOuts.push(...release.rollOuts);
      this.moves.push(...release.moves);
      return;
    }
    const { code, stderr } = await deploy(this.cluster, ["production"]);
    if (code !== 0) {
      throw new Error(`deploy.sh ended with ${code}: ${stderr}`);
    }
    release = {
      store: this.cluster.store.snapshot(),
      trainings: [...this.trainings],
      rollOuts: [...this.rollOuts],
      moves: [...this.moves],
    };
  }

  /** The outcome of a Job: of a training that succeeds, or of a roll-back. */
  run(command: PodCommand): ContainerResult {
    return command.args[1] === "rollback" ? this.rolledBack() : this.trained(command);
  }

  trained(command: PodCommand): ContainerResult {
    const key = `models/time-to-dispatch_2026-11-20T22:00:0${this.trainings.length + 1}.558Z.json`;
    this.trainings.push({ command, key });
    const sequence = this.moves.push(key);
    const message = `Promoted: production names s3://${BUCKET}/${key}, sequence ${sequence}`;
    return {
      exitCode: 0,
      log: `{"level":"INFO","message":"${message}"}\n{"level":"INFO","message":"Done"}\n`,
    };
  }

  rolledBack(): ContainerResult {
    const before = this.moves.at(-2);
    if (before === undefined) {
      return { exitCode: 2, log: "there is no model before\n" };
    }
    this.moves.push(before);
    return { exitCode: 0, log: "" };
  }

  /** The log of a pod that follows the alias up to a sequence. */
  followed(sequence: number): string {
    const lines = this.moves.slice(0, sequence).map((key, index) => {
      const message = `Following alias production: sequence ${index + 1}, ${key}, by 1000@train-model: a training`;
      return `{"level":"INFO","message":"${message}"}\n`;
    });
    return lines.join("");
  }

  /** The pods of a roll-out become ready. */
  rolledOut({ image }: PodCommand): boolean {
    return this.rollOuts.push(image) > 0;
  }

  /** The key that the alias names. */
  get production(): string | undefined {
    return this.moves.at(-1);
  }

  get deployment(): KubeObject | undefined {
    return this.cluster.store.get("Deployment", NAMESPACE, "serve-model");
  }

  /** The image of the service's pods, by the Deployment as it is now. */
  get servingImage(): unknown {
    return at(this.deployment, "spec", "template", "spec", "containers", 0, "image");
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

export function never(): Promise<never> {
  return new Promise(() => undefined);
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await sleep(20);
  }
}
