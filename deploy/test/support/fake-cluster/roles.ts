import { at, list } from "../kube-object.js";
import { parseResource } from "./resource-request.js";
import { StatusError } from "./status-error.js";

/**
 * RBAC for one user: what no rule of the roles allows is refused.
 *
 * @param roles - Objects of kind Role, of one namespace.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
export function refuseAllBut(roles: unknown[]): (request: string) => StatusError | undefined {
  const rules = roles.flatMap((role) => list(at(role, "rules")));
  return (request) => {
    const { verb, resource, group } = attributesOf(request);
    const isAllowed = rules.some(
      (rule) =>
        list(at(rule, "verbs")).includes(verb) &&
        list(at(rule, "resources")).includes(resource) &&
        list(at(rule, "apiGroups")).includes(group),
    );
    if (isAllowed) {
      return undefined;
    }
    const message = `${resource} is forbidden: User "ada" cannot ${verb} resource "${resource}" in API group "${group}"`;
    return new StatusError(403, "Forbidden", message);
  };
}

function attributesOf(request: string): { verb: string; resource: string; group: string } {
  const [method = "", target = ""] = request.split(" ");
  const { type, name, subresource, query } = parseResource(new URL(target, "http://cluster"));
  const read = query.has("watch") ? "watch" : name === undefined ? "list" : "get";
  const verbs: Readonly<Record<string, string>> = {
    POST: "create",
    PATCH: "patch",
    PUT: "update",
    DELETE: "delete",
    GET: read,
  };
  const [, group = ""] = type.groupVersion.split("/").reverse();
  return {
    verb: verbs[method] ?? method,
    resource: subresource === undefined ? type.plural : `${type.plural}/${subresource}`,
    group,
  };
}
