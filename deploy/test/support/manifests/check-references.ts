import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../kube-object.js";
import { at, isJsonObject, list, text } from "../kube-object.js";

/** Secrets that are made by hand: nothing in the repository may hold their contents. */
const SECRETS_MADE_BY_HAND = ["serve-credentials", "time-to-dispatch-tls", "train-credentials"];

/**
 * Check that what one object says of another is so: each name has its object, each selector its pods, each port its
 * container.
 *
 * @returns Faults; empty if there are none.
 */
export function checkReferences(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) => {
    const problems = [
      ...podReferences(object, objects),
      ...serviceReferences(object, objects),
      ...otherReferences(object, objects),
    ];
    return problems.map((problem) => `${object.kind}/${object.metadata.name}: ${problem}`);
  });
}

function exists(objects: readonly KubeObject[], kind: string, name: unknown): string[] {
  return objects.some((object) => object.kind === kind && object.metadata.name === name)
    ? []
    : [`${kind} "${text(name)}" does not exist`];
}

function podTemplate(object: KubeObject): unknown {
  return object.kind === "CronJob"
    ? at(object, "spec", "jobTemplate", "spec", "template")
    : object.kind === "Deployment"
      ? at(object, "spec", "template")
      : undefined;
}

function podReferences(object: KubeObject, objects: readonly KubeObject[]): string[] {
  const template = podTemplate(object);
  if (template === undefined) {
    return [];
  }
  const volumes = list(at(template, "spec", "volumes")).map((volume) => at(volume, "name"));
  return [
    ...exists(objects, "ServiceAccount", at(template, "spec", "serviceAccountName")),
    ...list(at(template, "spec", "containers")).flatMap((container) => [
      ...list(at(container, "envFrom")).flatMap((source) =>
        exists(objects, "ConfigMap", at(source, "configMapRef", "name")),
      ),
      ...variableReferences(container, objects),
      ...list(at(container, "volumeMounts"))
        .map((mount) => at(mount, "name"))
        .filter((name) => !volumes.includes(name))
        .map((name) => `volume "${text(name)}" does not exist`),
      ...["startupProbe", "readinessProbe", "livenessProbe"]
        .map((probe) => at(container, probe, "httpGet", "port"))
        .filter((port) => port !== undefined && !portNames(container).includes(port))
        .map((port) => `a probe's port "${String(port)}" is not one of the container's`),
    ]),
    ...(object.kind === "Deployment" && !selects(at(object, "spec", "selector", "matchLabels"), template)
      ? ["its selector does not select its own pods"]
      : []),
    ...list(at(template, "spec", "topologySpreadConstraints"))
      .filter((constraint) => !selects(at(constraint, "labelSelector", "matchLabels"), template))
      .map(() => "a spread constraint does not select its own pods"),
    ...list(at(object, "spec", "jobTemplate", "spec", "podFailurePolicy", "rules"))
      .map((rule) => at(rule, "onExitCodes", "containerName"))
      .filter((name) => name !== undefined && !containerNames(template).includes(name))
      .map((name) => `the failure policy's container "${String(name)}" does not exist`),
  ];
}

/** `$(NAME)` in the arguments, and the Secrets of the environment. */
function variableReferences(container: unknown, objects: readonly KubeObject[]): string[] {
  const defined = new Set([
    ...list(at(container, "env")).map((variable) => at(variable, "name")),
    ...list(at(container, "envFrom")).flatMap((source) => {
      const map = objects.find(
        ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === at(source, "configMapRef", "name"),
      );
      const data = at(map, "data");
      return isJsonObject(data) ? Object.keys(data) : [];
    }),
  ]);
  const used = list(at(container, "args")).flatMap((argument) =>
    [...text(argument).matchAll(/\$\((\w+)\)/g)].map(([, name]) => name),
  );
  const secrets = list(at(container, "env")).map((variable) =>
    at(variable, "valueFrom", "secretKeyRef", "name"),
  );
  return [
    ...used.filter((name) => !defined.has(name)).map((name) => `$(${name ?? ""}) is not in the environment`),
    ...secrets
      .filter((name) => name !== undefined && !SECRETS_MADE_BY_HAND.includes(text(name)))
      .map((name) => `Secret "${text(name)}" is not one that operators are told to make`),
  ];
}

function serviceReferences(object: KubeObject, objects: readonly KubeObject[]): string[] {
  if (object.kind === "Service") {
    const targets = objects
      .map(podTemplate)
      .filter((template) => selects(at(object, "spec", "selector"), template));
    if (targets.length === 0) {
      return ["its selector selects no pods"];
    }
    const ports = targets.flatMap((template) => list(at(template, "spec", "containers")).flatMap(portNames));
    return list(at(object, "spec", "ports"))
      .map((port) => at(port, "targetPort"))
      .filter((port) => !ports.includes(port))
      .map((port) => `no container has the port "${String(port)}"`);
  }
  if (object.kind !== "Ingress") {
    return [];
  }
  const secrets = list(at(object, "spec", "tls")).map((tls) => text(at(tls, "secretName")));
  const backends = list(at(object, "spec", "rules"))
    .flatMap((rule) => list(at(rule, "http", "paths")))
    .map((path) => at(path, "backend", "service"));
  return [
    ...secrets
      .filter((name) => !SECRETS_MADE_BY_HAND.includes(name))
      .map((name) => `Secret "${name}" is not one that operators are told to make`),
    ...backends.flatMap((backend) => backendReferences(backend, objects)),
  ];
}

function backendReferences(backend: unknown, objects: readonly KubeObject[]): string[] {
  const service = objects.find(
    ({ kind, metadata }) => kind === "Service" && metadata.name === at(backend, "name"),
  );
  const port = at(backend, "port", "name");
  if (service === undefined) {
    return exists(objects, "Service", at(backend, "name"));
  }
  return list(at(service, "spec", "ports")).some((candidate) => at(candidate, "name") === port)
    ? []
    : [`Service "${service.metadata.name}" has no port "${text(port)}"`];
}

function otherReferences(object: KubeObject, objects: readonly KubeObject[]): string[] {
  const { namespace } = object.metadata;
  const problems = namespace === undefined ? [] : exists(objects, "Namespace", namespace);
  const target = at(object, "spec", "scaleTargetRef");
  if (target !== undefined) {
    problems.push(...exists(objects, text(at(target, "kind")), at(target, "name")));
  }
  const selector =
    object.kind === "NetworkPolicy"
      ? at(object, "spec", "podSelector", "matchLabels")
      : object.kind === "PodDisruptionBudget"
        ? at(object, "spec", "selector", "matchLabels")
        : undefined;
  if (selector !== undefined && !objects.map(podTemplate).some((template) => selects(selector, template))) {
    problems.push("its selector selects no pods");
  }
  return problems;
}

function selects(selector: unknown, template: unknown): boolean {
  const labels = at(template, "metadata", "labels");
  return (
    isJsonObject(selector) &&
    isJsonObject(labels) &&
    Object.entries(selector).every(([label, value]) => isDeepStrictEqual(labels[label], value))
  );
}

function portNames(container: unknown): unknown[] {
  return list(at(container, "ports")).map((port) => at(port, "name"));
}

function containerNames(template: unknown): unknown[] {
  return list(at(template, "spec", "containers")).map((container) => at(container, "name"));
}
