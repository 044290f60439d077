/** A kind of object that the cluster keeps, and where its API has it. */
export interface ResourceType {
  groupVersion: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}

const type = (groupVersion: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  groupVersion,
  plural,
  kind,
  namespaced,
});

/** The kinds that this project deploys, and those that Jobs and Deployments make. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  type("v1", "namespaces", "Namespace", false),
  type("v1", "configmaps", "ConfigMap"),
  type("v1", "pods", "Pod"),
  type("v1", "secrets", "Secret"),
  type("v1", "serviceaccounts", "ServiceAccount"),
  type("v1", "services", "Service"),
  type("apps/v1", "deployments", "Deployment"),
  type("apps/v1", "replicasets", "ReplicaSet"),
  type("batch/v1", "cronjobs", "CronJob"),
  type("batch/v1", "jobs", "Job"),
  type("coordination.k8s.io/v1", "leases", "Lease"),
  type("networking.k8s.io/v1", "ingresses", "Ingress"),
  type("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy"),
  type("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
  type("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget"),
];

const GROUP_VERSIONS = [...new Set(RESOURCE_TYPES.map(({ groupVersion }) => groupVersion))];

const VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"];

/**
 * The groups, versions and kinds of the API, for which kubectl asks first.
 *
 * @returns Undefined where the path is not one of discovery.
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
export function discoveryDocument(path: string): object | undefined {
  if (path === "/version") {
    return { major: "1", minor: "32", gitVersion: "v1.32.4" };
  }
  if (path === "/api") {
    return { kind: "APIVersions", versions: ["v1"] };
  }
  if (path === "/apis") {
    const groups = GROUP_VERSIONS.filter((groupVersion) => groupVersion.includes("/")).map((groupVersion) => {
      const [name, version] = groupVersion.split("/");
      return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
    });
    return { kind: "APIGroupList", apiVersion: "v1", groups };
  }
  const groupVersion = /^\/(?:api|apis)\/(.+)$/.exec(path)?.[1];
  if (groupVersion === undefined || !GROUP_VERSIONS.includes(groupVersion)) {
    return undefined;
  }
  const resources = RESOURCE_TYPES.filter((resource) => resource.groupVersion === groupVersion).map(
    ({ plural, kind, namespaced }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      kind,
      namespaced,
      verbs: VERBS,
    }),
  );
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

/**
 * The answer by which kubectl learns whether the server checks fields. It decides where `--validate` takes place.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 */
export function openApiDocument(path: string): object | undefined {
  const inPath = (groupVersion: string) =>
    groupVersion.includes("/") ? `apis/${groupVersion}` : `api/${groupVersion}`;
  if (path === "/openapi/v3") {
    return {
      paths: Object.fromEntries(
        GROUP_VERSIONS.map((groupVersion) => [
          inPath(groupVersion),
          { serverRelativeURL: `/openapi/v3/${inPath(groupVersion)}` },
        ]),
      ),
    };
  }
  const types = RESOURCE_TYPES.filter(({ groupVersion }) => path === `/openapi/v3/${inPath(groupVersion)}`);
  if (types.length === 0) {
    return undefined;
  }
  const paths = types.map(({ groupVersion, plural, kind }) => {
    const [version = "", group = ""] = groupVersion.split("/").reverse();
    const patch = {
      parameters: ["dryRun", "fieldValidation"].map((name) => ({
        name,
        in: "query",
        schema: { type: "string" },
      })),
      responses: {},
      "x-kubernetes-action": "patch",
      "x-kubernetes-group-version-kind": { group, version, kind },
    };
    return [`/${inPath(groupVersion)}/${plural}/{name}`, { patch }] as const;
  });
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.32.4" },
    paths: Object.fromEntries(paths),
  };
}
