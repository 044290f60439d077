/**
 * The kinds that the manifests may use: each from the version of its API that Kubernetes 1.31 and later serve. A type that is not listed was removed (policy/v1beta1, autoscaling/v2beta2, batch/v1beta1 …), is
 * misspelt, or is new to this project.
 *
 * @see https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
export const API_TYPES: Readonly<Record<string, readonly string[]>> = {
  v1: ["ConfigMap", "Namespace", "Pod", "Secret", "Service", "ServiceAccount"],
  "apps/v1": ["Deployment", "ReplicaSet"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "batch/v1": ["CronJob", "Job"],
  "coordination.k8s.io/v1": ["Lease"],
  "networking.k8s.io/v1": ["Ingress", "NetworkPolicy"],
  "policy/v1": ["PodDisruptionBudget"],
};

/** The module of kubernetes-models that has a kind's class and its interface `I…`. */
export function modelModule(apiVersion: string, kind: string): string {
  return `kubernetes-models/${apiVersion}/${kind}`;
}
