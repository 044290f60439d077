import type { ResourceType } from "./resource-types.js";
import { RESOURCE_TYPES } from "./resource-types.js";
import { StatusError } from "./status-error.js";

/** A request for one kind of object, or for one object of it. */
export interface ResourceRequest {
  type: ResourceType;
  namespace?: string;
  name?: string;
  subresource?: string;
  query: URLSearchParams;
}

/** `/api/v1/namespaces/NAMESPACE/pods/NAME/log`, `/apis/GROUP/VERSION/…`: most of it may be missing. */
export function parseResource(url: URL): ResourceRequest {
  const path =
    /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      url.pathname,
    ) ?? [];
  const [, core, group, namespace, plural, name, subresource] = path;
  const type = RESOURCE_TYPES.find(
    (candidate) => candidate.groupVersion === (core ?? group) && candidate.plural === plural,
  );
  if (type === undefined) {
    throw new StatusError(404, "NotFound", `the server could not find ${url.pathname}`);
  }
  return {
    type,
    query: url.searchParams,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
