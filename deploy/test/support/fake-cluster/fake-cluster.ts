import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { KubeObject } from "../kube-object.js";
import { createApiServer } from "./api-server.js";
import type { BecomesReady } from "./deployment-controller.js";
import { DeploymentController } from "./deployment-controller.js";
import type { RunContainer } from "./job-controller.js";
import { JobController } from "./job-controller.js";
import { ObjectStore } from "./object-store.js";
import type { StatusError } from "./status-error.js";

/** How the programs in the cluster's pods behave. */
export interface Behaviour {
  /** The work of a Job's container. */
  train: RunContainer;
  /** Whether a Deployment's pod becomes ready. */
  serve: BecomesReady;
  /** The log of a Deployment's pod. */
  serveLog: () => string;
}

/** A cluster of one API server on loopback, for the real kubectl: it schedules nothing, probes nothing, admits all. */
export interface FakeCluster {
  store: ObjectStore;
  /** Each request so far, as `GET /api/v1/…`. */
  requests: string[];
  /** May be changed while the cluster runs. */
  behaviour: Behaviour;
  /** Whether the server takes an object that is created or changed; all at first. */
  accepts: (object: KubeObject) => boolean;
  /** As authentication and RBAC would: 401, 403. Nothing at first. */
  refuses: (request: string) => StatusError | undefined;
  /** Whether the answer to a request that was done gets lost. None at first. */
  loses: (request: string) => boolean;
  /** Whether the controller of Deployments keeps up with them. It does at first. */
  controls: boolean;
  /** Variables by which kubectl finds the cluster. */
  env: { KUBECONFIG: string; KUBECACHEDIR: string };
  stop(): Promise<void>;
}

export async function startFakeCluster(behaviour: Behaviour): Promise<FakeCluster> {
  const current = { ...behaviour };
  const store = new ObjectStore();
  const jobs = new JobController(store, (command) => current.train(command));
  const deployments = new DeploymentController(store, (command) => current.serve(command));
  store.listen(({ type, object }) => {
    // After the request that made the change was answered, as in a real cluster.
    setImmediate(() => {
      if (object.kind === "Job" && type === "ADDED") {
        void jobs.reconcile(object);
      }
      if (object.kind === "Deployment" && type !== "DELETED" && cluster.controls) {
        void deployments.reconcile(object);
      }
    });
  });
  const server = createApiServer({
    store,
    podLog: (pod) => jobs.logs.get(pod) ?? current.serveLog(),
    accepts: (object) => cluster.accepts(object),
    refuses: (request) => cluster.refuses(request),
    loses: (request) => cluster.loses(request),
    onRequest: (request) => cluster.requests.push(request),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const folder = await mkdtemp(path.join(os.tmpdir(), "fake-cluster-"));
  const kubeconfig = path.join(folder, "config");
  await writeFile(kubeconfig, JSON.stringify(kubeConfig(`http://127.0.0.1:${port}`)));
  const cluster: FakeCluster = {
    store,
    requests: [],
    behaviour: current,
    accepts: () => true,
    refuses: () => undefined,
    loses: () => false,
    controls: true,
    env: { KUBECONFIG: kubeconfig, KUBECACHEDIR: path.join(folder, "cache") },
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return cluster;
}

function kubeConfig(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "fake", cluster: { server } }],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: "fake", context: { cluster: "fake", user: "nobody" } }],
    "current-context": "fake",
  };
}
