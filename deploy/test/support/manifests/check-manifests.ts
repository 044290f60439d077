import type { KubeObject } from "../kube-object.js";
import { checkFields } from "./check-fields.js";
import { checkReferences } from "./check-references.js";
import { checkSchedule } from "./check-schedules.js";
import { checkValues } from "./check-values.js";

/**
 * Everything that can be known to be wrong with manifests without a cluster.
 *
 * @returns A line for each problem, beginning with the object's kind and name; empty if there is none.
 */
export function checkManifests(objects: readonly KubeObject[]): string[] {
  return [
    ...objects.flatMap((object) =>
      checkValues(object).map((problem) => `${object.kind}/${object.metadata.name}: ${problem}`),
    ),
    ...checkFields(objects),
    ...objects.flatMap(checkSchedule),
    ...checkReferences(objects),
  ];
}
