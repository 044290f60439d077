import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../kube-object.js";
import { isKubeObject } from "../kube-object.js";

/** @throws {Error} A document that is no YAML, or no object of the Kubernetes API. */
export function parseManifests(yaml: string): KubeObject[] {
  return parseAllDocuments(yaml, { uniqueKeys: true }).map((document) => {
    if (document.errors[0] !== undefined) {
      throw document.errors[0];
    }
    const object: unknown = document.toJS();
    if (!isKubeObject(object)) {
      throw new Error(`no Kubernetes object: ${JSON.stringify(object)}`);
    }
    return object;
  });
}
