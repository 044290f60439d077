import type { ServerResponse } from "node:http";
import type { ObjectStore } from "./object-store.js";
import type { Selectors } from "./selectors.js";
import { matches } from "./selectors.js";

export interface WatchOptions extends Selectors {
  kind: string;
  namespace: string | undefined;
  /** The version from which on changes are told; null or 0 begins with what is there. */
  since: string | null;
}

/**
 * Send an object's changes, a line each, until the client has enough.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function watch(store: ObjectStore, options: WatchOptions, response: ServerResponse): void {
  const { kind, namespace, since } = options;
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const tell = (event: object) => response.write(`${JSON.stringify(event)}\n`);
  for (const object of store.list(kind, namespace, options)) {
    if (Number(object.metadata.resourceVersion) > Number(since ?? 0)) {
      tell({ type: "ADDED", object });
    }
  }
  const stop = store.listen((event) => {
    const { object } = event;
    if (
      object.kind === kind &&
      (namespace === undefined || object.metadata.namespace === namespace) &&
      matches(object, options)
    ) {
      tell(event);
    }
  });
  response.on("close", stop);
}
