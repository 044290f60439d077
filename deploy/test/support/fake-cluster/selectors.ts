import type { KubeObject } from "../kube-object.js";
import { at } from "../kube-object.js";

/** `a=b,c=d` over an object's labels, `metadata.name=x,status.phase=y` over its fields: what kubectl here asks for. */
export interface Selectors {
  labelSelector: string | null;
  fieldSelector: string | null;
}

export function matches(object: KubeObject, { labelSelector, fieldSelector }: Selectors): boolean {
  return (
    terms(labelSelector).every(([label, value]) => object.metadata.labels?.[label] === value) &&
    terms(fieldSelector).every(([field, value]) => at(object, ...field.split(".")) === value)
  );
}

function terms(selector: string | null): [string, string][] {
  if (selector === null || selector === "") {
    return [];
  }
  return selector.split(",").map((term) => {
    const [, key, value] = /^([^=!]+)==?(.*)$/.exec(term) ?? [];
    if (key === undefined || value === undefined) {
      throw new Error(`selector "${term}" is not of the form key=value`);
    }
    return [key, value];
  });
}
