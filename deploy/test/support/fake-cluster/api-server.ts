import type { IncomingMessage, Server } from "node:http";
import { createServer } from "node:http";
import { text as readText } from "node:stream/consumers";
import { randomBytes } from "node:crypto";
import { checkValues } from "../manifests/check-values.js";
import type { JsonObject, KubeObject } from "../kube-object.js";
import { isJsonObject, isKubeObject } from "../kube-object.js";
import type { ObjectStore } from "./object-store.js";
import type { Selectors } from "./selectors.js";
import { applyPatch } from "./patches.js";
import type { ResourceRequest } from "./resource-request.js";
import { parseResource } from "./resource-request.js";
import type { ResourceType } from "./resource-types.js";
import { discoveryDocument, openApiDocument } from "./resource-types.js";
import { StatusError } from "./status-error.js";
import type { WatchOptions } from "./watch.js";
import { watch } from "./watch.js";

interface Answer {
  code: number;
  /** JSON, or the text of a log. */
  body: object | string;
}

export interface ApiServerOptions {
  store: ObjectStore;
  /** The output of a pod. */
  podLog: (pod: string) => string;
  /** An object that is not accepted gets 403, as from an admission controller. */
  accepts: (object: KubeObject) => boolean;
  /** The error that a request for an object, as `GET /api/v1/…`, is refused with before it is looked at. */
  refuses: (request: string) => StatusError | undefined;
  /** Whether a request that was done is not answered: the connection ends. */
  loses: (request: string) => boolean;
  /** Told of each request, as `GET /api/v1/…`. */
  onRequest: (request: string) => void;
}

/** As much of the Kubernetes API as kubectl uses to apply, create, patch, watch and delete, over plain HTTP. */
export function createApiServer(options: ApiServerOptions): Server {
  const { store, podLog, accepts, refuses, loses, onRequest } = options;
  return createServer((request, response) => {
    onRequest(requestLine(request));
    const url = new URL(request.url ?? "/", "http://cluster");
    if (url.searchParams.has("watch") && refuses(requestLine(request)) === undefined) {
      watch(store, watchOptions(parseResource(url)), response);
      return;
    }
    void answer(request, url)
      .catch((error: unknown) => {
        const status =
          error instanceof StatusError ? error : new StatusError(500, "InternalError", String(error));
        return { code: status.code, body: status.toJSON() };
      })
      .then(({ code, body }) => {
        if (loses(requestLine(request))) {
          request.socket.destroy();
          return;
        }
        response.writeHead(code, { "content-type": "application/json" });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      });
  });

  async function answer(request: IncomingMessage, url: URL): Promise<Answer> {
    const document = discoveryDocument(url.pathname) ?? openApiDocument(url.pathname);
    if (document !== undefined) {
      return { code: 200, body: document };
    }
    const refusal = refuses(requestLine(request));
    if (refusal !== undefined) {
      throw refusal;
    }
    const target = parseResource(url);
    const { type, namespace, name, subresource } = target;
    if (request.method === "GET" && name === undefined) {
      return list(target);
    }
    if (request.method === "POST") {
      return create(target, await readJson(request));
    }
    const object = store.get(type.kind, namespace, name ?? "");
    if (object === undefined) {
      throw new StatusError(404, "NotFound", `${type.plural} "${name ?? ""}" not found`);
    }
    switch (request.method) {
      case "GET":
        return { code: 200, body: subresource === "log" ? podLog(object.metadata.name) : object };
      case "PATCH": {
        const contentType = request.headers["content-type"] ?? "";
        const patched = applyPatch(contentType, object, await readJson(request));
        return { code: 200, body: put(parseObject(patched, type), target) };
      }
      case "PUT":
        return { code: 200, body: put(parseObject(await readJson(request), type), target) };
      case "DELETE":
        store.delete(object);
        return { code: 200, body: { kind: "Status", apiVersion: "v1", status: "Success" } };
      default:
        throw new StatusError(405, "MethodNotAllowed", `${request.method ?? ""} is not known here`);
    }
  }

  function list({ type, namespace, query }: ResourceRequest): Answer {
    const body = {
      kind: `${type.kind}List`,
      apiVersion: type.groupVersion,
      metadata: { resourceVersion: store.resourceVersion },
      items: store.list(type.kind, namespace, selectors(query)),
    };
    return { code: 200, body };
  }

  function create(target: ResourceRequest, body: unknown): Answer {
    const { type, namespace } = target;
    const object = withNamespace(parseObject(body, type), namespace);
    if (namespace !== undefined && store.get("Namespace", undefined, namespace) === undefined) {
      throw new StatusError(404, "NotFound", `namespaces "${namespace}" not found`);
    }
    if (store.get(type.kind, namespace, object.metadata.name) !== undefined) {
      throw new StatusError(409, "AlreadyExists", `${type.plural} "${object.metadata.name}" already exists`);
    }
    return { code: 201, body: put(object, target) };
  }

  function put(object: KubeObject, { query }: ResourceRequest): KubeObject {
    if (!accepts(object)) {
      throw new StatusError(403, "Forbidden", `${object.kind} "${object.metadata.name}" is forbidden`);
    }
    return query.has("dryRun") ? object : store.put(object);
  }
}

function requestLine({ method = "", url = "" }: IncomingMessage): string {
  return `${method} ${url}`;
}

function selectors(query: URLSearchParams): Selectors {
  return { labelSelector: query.get("labelSelector"), fieldSelector: query.get("fieldSelector") };
}

function watchOptions({ type, namespace, query }: ResourceRequest): WatchOptions {
  return { ...selectors(query), kind: type.kind, namespace, since: query.get("resourceVersion") };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await readText(request));
}

/** @throws {StatusError} The object is not one of its kind: 422, as the real server has it. */
function parseObject(body: unknown, { groupVersion: apiVersion, kind }: ResourceType): KubeObject {
  const object: unknown = isJsonObject(body) ? withName({ ...body, apiVersion, kind }) : body;
  if (!isKubeObject(object)) {
    throw new StatusError(400, "BadRequest", `not an object of kind ${kind}`);
  }
  const problems = checkValues(object);
  if (problems.length > 0) {
    throw new StatusError(
      422,
      "Invalid",
      `${kind} "${object.metadata.name}" is invalid: ${problems.join(", ")}`,
    );
  }
  return object;
}

function withName(body: JsonObject): JsonObject {
  const { metadata } = body;
  if (!isJsonObject(metadata) || typeof metadata.generateName !== "string") {
    return body;
  }
  return { ...body, metadata: { ...metadata, name: metadata.generateName + randomBytes(3).toString("hex") } };
}

function withNamespace(object: KubeObject, namespace: string | undefined): KubeObject {
  return namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };
}
