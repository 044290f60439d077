import { beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import type { KubeObject } from "./support/kube-object.js";
import { at, isJsonObject, list, text } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { checkManifests } from "./support/manifests/check-manifests.js";
import { parseManifests } from "./support/manifests/parse-manifests.js";
import { renderOverlay } from "./support/manifests/render-overlay.js";

describeWithKubectl.each(["staging", "production"])("the manifests of %s", (environment) => {
  let objects: KubeObject[] = [];
  const find = (kind: string, name?: string) =>
    objects.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  const podOf = (cronJob: string) =>
    at(find("CronJob", cronJob), "spec", "jobTemplate", "spec", "template", "spec");

  beforeAll(() => {
    objects = parseManifests(renderOverlay(environment));
  });

  test("passes the strict checks", () => {
    expect(checkManifests(objects)).toEqual([]);
  });

  test("uses the namespace of deploy.sh", () => {
    const namespaces = objects
      .filter(({ kind }) => kind !== "Namespace")
      .map(({ metadata }) => metadata.namespace);
    expect(new Set(namespaces)).toEqual(new Set([`time-to-dispatch-${environment}`]));
  });

  test("requires only the rights of Pod Security's restricted profile, which it enforces", () => {
    expect(find("Namespace")?.metadata.labels?.["pod-security.kubernetes.io/enforce"]).toBe("restricted");
    for (const pod of [
      podOf("train-model"),
      podOf("roll-back-model"),
      at(find("Deployment"), "spec", "template", "spec"),
    ]) {
      expect(at(pod, "securityContext")).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(at(pod, "automountServiceAccountToken")).toBe(false);
      for (const container of list(at(pod, "containers"))) {
        expect(at(container, "securityContext")).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(at(container, "resources", "requests", "cpu")).toBeDefined();
        expect(at(container, "resources", "limits", "memory")).toBe(
          at(container, "resources", "requests", "memory"),
        );
      }
    }
  });

  test("gives each stage what the article's bodywork.yaml gives it", () => {
    const train = at(podOf("train-model"), "containers", 0);
    const serve = at(find("Deployment"), "spec", "template", "spec", "containers", 0);
    expect(at(train, "resources", "requests", "cpu")).toBe("500m");
    expect(at(serve, "resources", "requests", "cpu")).toBe("250m");
    expect(at(train, "args")).toEqual([
      "$(S3_BUCKET)",
      "$(R_SQUARED_ERROR_THRESHOLD)",
      "$(R_SQUARED_WARNING_THRESHOLD)",
      ...["--champion", "production", "--promote", "production"],
    ]);
    expect(at(serve, "args")).toEqual(["$(S3_BUCKET)", "--alias", "production"]);
    expect(at(serve, "ports", 0, "containerPort")).toBe(8000);
  });

  test("gives training and serving an account and a secret each", () => {
    const pods = [
      ["train", podOf("train-model")],
      ["train", podOf("roll-back-model")],
      ["serve", at(find("Deployment"), "spec", "template", "spec")],
    ] as const;
    for (const [stage, pod] of pods) {
      expect(at(pod, "serviceAccountName")).toBe(`${stage}-model`);
      const secret = (key: string) => ({
        name: key,
        valueFrom: { secretKeyRef: { name: `${stage}-credentials`, key, optional: true } },
      });
      expect(at(pod, "containers", 0, "env")).toEqual(
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"].map(secret),
      );
    }
  });

  test("rolls a model back by hand alone, once, with the command of the training's image", () => {
    const spec = at(find("CronJob", "roll-back-model"), "spec");
    expect(spec).toMatchObject({ suspend: true, jobTemplate: { spec: { backoffLimit: 0 } } });
    const container = at(podOf("roll-back-model"), "containers", 0);
    expect(at(container, "image")).toBe(at(podOf("train-model"), "containers", 0, "image"));
    expect(at(container, "command")).toEqual(["node", "--enable-source-maps", "dist/pipeline-utils.js"]);
    expect(list(at(container, "args")).slice(0, 6)).toEqual(
      "models rollback $(S3_BUCKET) time-to-dispatch --alias production".split(" "),
    );
  });

  test("holds no secret, and names each image with a version", () => {
    expect(find("Secret")).toBeUndefined();
    const images = [...JSON.stringify(objects).matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image);
    expect(images).toHaveLength(3);
    for (const image of images) {
      expect(image).toMatch(/^registry\.example\.com\/time-to-dispatch-\w+:\d+\.\d+\.\d+$/);
    }
  });

  test("trains on Friday at 22:00 UTC, one at a time, and retries after exit code 1 only", () => {
    expect(find("CronJob", "train-model")?.spec).toMatchObject({
      schedule: "0 22 * * 5",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 900,
          template: { spec: { restartPolicy: "Never" } },
        },
      },
    });
    expect(
      list(at(find("CronJob", "train-model"), "spec", "jobTemplate", "spec", "podFailurePolicy", "rules")),
    ).toContainEqual({
      action: "FailJob",
      onExitCodes: { containerName: "train", operator: "NotIn", values: [1] },
    });
    expect(at(find("CronJob", "train-model"), "spec", "suspend") ?? false).toBe(environment === "staging");
  });

  test("leaves the number of replicas to the autoscaler, and removes none in a roll-out", () => {
    expect(find("Deployment")?.spec).not.toHaveProperty("replicas");
    expect(at(find("Deployment"), "spec", "strategy", "rollingUpdate")).toEqual({
      maxUnavailable: 0,
      maxSurge: 1,
    });
    const [least, most] = environment === "staging" ? [1, 2] : [2, 6];
    expect(find("HorizontalPodAutoscaler")?.spec).toMatchObject({ minReplicas: least, maxReplicas: most });
  });

  test("probes the service, gives it time to finish, and spreads its pods", () => {
    const pod = at(find("Deployment"), "spec", "template", "spec");
    const container = at(pod, "containers", 0);
    const probed = ["startupProbe", "readinessProbe", "livenessProbe"].map((probe) =>
      at(container, probe, "httpGet", "path"),
    );
    expect(probed).toEqual(["/healthz", "/readyz", "/healthz"]);
    expect(at(container, "lifecycle", "preStop", "sleep", "seconds")).toBe(5);
    // 8 s are the service's own limit for the requests under way.
    expect(at(pod, "terminationGracePeriodSeconds")).toBeGreaterThan(5 + 8);
    const spread = list(at(pod, "topologySpreadConstraints")).map((constraint) =>
      at(constraint, "topologyKey"),
    );
    expect(spread).toEqual(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
    expect(at(find("PodDisruptionBudget"), "spec", "maxUnavailable")).toBe(1);
  });

  test("allows DNS and HTTPS out, one port in, and only /api from outside", () => {
    const [serve, both] = ["serve-model", "time-to-dispatch"].map(
      (name) =>
        objects.find(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === name)?.spec,
    );
    expect(both).toMatchObject({ policyTypes: expect.arrayContaining(["Ingress", "Egress"]) });
    const reached = list(at(both, "egress")).flatMap((rule) => list(at(rule, "ports")));
    expect(reached.map((port) => [at(port, "protocol"), at(port, "port")])).toEqual([
      ["UDP", 53],
      ["TCP", 53],
      ["TCP", 443],
    ]);
    expect(at(both, "ingress")).toBeUndefined();
    expect(list(at(serve, "ingress")).map((rule) => at(rule, "ports"))).toEqual([
      [{ protocol: "TCP", port: "http" }],
    ]);
    const paths = list(at(find("Ingress"), "spec", "rules")).flatMap((rule) =>
      list(at(rule, "http", "paths")),
    );
    expect(paths.map((rule) => at(rule, "path"))).toEqual(["/api"]);
  });

  test("keeps every setting in one ConfigMap", () => {
    const maps = objects.filter(({ kind }) => kind === "ConfigMap");
    const data = at(maps[0], "data");
    expect(maps).toHaveLength(1);
    expect(isJsonObject(data) && Object.keys(data).sort()).toEqual([
      "LOG_FORMAT",
      "LOG_LEVEL",
      "R_SQUARED_ERROR_THRESHOLD",
      "R_SQUARED_WARNING_THRESHOLD",
      "S3_BUCKET",
    ]);
  });
});

describe("the policies of the bucket", () => {
  /** The resources of a policy, by action. */
  function allowed(name: string): Record<string, string[]> {
    const policy: unknown = JSON.parse(
      readFileSync(new URL(`../policies/${name}.json`, import.meta.url), "utf8"),
    );
    const pairs = list(at(policy, "Statement")).flatMap((statement) =>
      [at(statement, "Action")]
        .flat()
        .map((action): [string, string[]] => [
          text(action).replace("s3:", ""),
          [at(statement, "Resource")]
            .flat()
            .map((resource) => text(resource).replace("arn:aws:s3:::BUCKET", "")),
        ]),
    );
    return Object.fromEntries(pairs);
  }

  test("lets the service write predictions alone", () => {
    const { PutObject, GetObject, ...others } = allowed("serve-model");
    expect([GetObject, PutObject]).toEqual([["/models/*", "/registry/*"], ["/predictions/*"]]);
    expect(Object.keys(others).sort()).toEqual(["GetObjectVersion", "ListBucket"]);
  });

  test("lets training write models, aliases and reports, and delete nothing", () => {
    const { PutObject, GetObject, ...others } = allowed("train-model");
    expect(GetObject).toEqual(["/datasets/*", "/models/*", "/registry/*"]);
    expect(PutObject).toEqual(["/models/*", "/registry/*", "/reports/*"]);
    expect(Object.keys(others)).not.toContain("DeleteObject");
  });

  test("lets only pruning delete, and only models", () => {
    const { DeleteObject, ...others } = allowed("prune-models");
    expect(DeleteObject).toEqual(["/models/*"]);
    expect(Object.keys(others)).not.toContain("PutObject");
  });
});
