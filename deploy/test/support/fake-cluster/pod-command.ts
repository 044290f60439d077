import type { KubeObject } from "../kube-object.js";
import { at, isJsonObject, list, text } from "../kube-object.js";
import type { ObjectStore } from "./object-store.js";

/** The command of a pod's first container: the arguments of its image's entry point, and its environment. */
export interface PodCommand {
  image: string;
  /** In place of the image's entry point; empty for that. */
  command: string[];
  args: string[];
  env: Record<string, string>;
}

/**
 * As the kubelet does it: variables from ConfigMaps and Secrets, then `$(NAME)` in the arguments.
 *
 * @throws {Error} A ConfigMap, or a Secret that is not optional, does not exist: the pod would not start.
 */
export function podCommand(template: unknown, namespace: string, store: ObjectStore): PodCommand {
  const container = at(template, "spec", "containers", 0);
  const env: Record<string, string> = {};
  for (const source of list(at(container, "envFrom"))) {
    const name = text(at(source, "configMapRef", "name"));
    const data = at(required(store.get("ConfigMap", namespace, name), `ConfigMap ${name}`), "data");
    if (isJsonObject(data)) {
      for (const [key, value] of Object.entries(data)) {
        env[key] = text(value);
      }
    }
  }
  for (const variable of list(at(container, "env"))) {
    const value =
      at(variable, "value") ?? secretValue(at(variable, "valueFrom", "secretKeyRef"), namespace, store);
    if (value !== undefined) {
      env[text(at(variable, "name"))] = text(value);
    }
  }
  const args = list(at(container, "args")).map((argument) =>
    text(argument).replace(/\$\((\w+)\)/g, (reference, name: string) => env[name] ?? reference),
  );
  const command = list(at(container, "command")).map((word) => text(word));
  return { image: text(at(container, "image")), command, args, env };
}

function secretValue(reference: unknown, namespace: string, store: ObjectStore): string | undefined {
  const name = text(at(reference, "name"));
  const secret = store.get("Secret", namespace, name);
  if (secret === undefined && at(reference, "optional") === true) {
    return undefined;
  }
  const encoded = at(required(secret, `Secret ${name}`), "data", text(at(reference, "key")));
  return Buffer.from(text(encoded), "base64").toString();
}

function required(object: KubeObject | undefined, name: string): KubeObject {
  if (object === undefined) {
    throw new Error(`CreateContainerConfigError: ${name} does not exist`);
  }
  return object;
}
