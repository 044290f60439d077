import fastify from "fastify";
import type { FastifySchema, RouteOptions } from "fastify";
import type { ServedModel } from "./model/served-model.js";
import { examplesOf } from "./openapi-examples.js";
import type { ServiceDefinition } from "./options.js";
import { inputSchema } from "./schemas/input.js";
import { predictionSchemas } from "./schemas/prediction.js";
import { PROTOCOL_SCHEMAS } from "./schemas/protocols.js";
import { SERVICE_SCHEMAS } from "./schemas/service.js";
import { isObject, propertyOf } from "./untrusted.js";

/** The description of an API, as OpenAPI 3 has it. */
interface OpenapiDocument {
  components: { schemas: Record<string, object> };
}

/** The groups of operations. Further routes may have groups of their own. */
const TAGS = [
  { name: "predictions", description: "The service's own addresses" },
  { name: "model", description: "The model that is served" },
  { name: "MLflow and SageMaker", description: "For their clients" },
  { name: "Open Inference Protocol", description: "For clients of KServe, Triton and MLServer" },
  { name: "health", description: "For probes, load balancers and Prometheus; no API key is needed" },
];

const API_KEY = {
  type: "http",
  scheme: "bearer",
  description: "One of the keys that the service's operator gives out",
} as const;

/**
 * Describe routes as OpenAPI 3.0.
 *
 * The routes are registered once more, without their handlers, with an application that never listens. Its libraries are imported
 * when the description is first asked for, and the service answers sooner.
 *
 * @param hasKeys - Whether requests need an API key.
 */
export async function describeRoutes(
  routes: readonly RouteOptions[],
  service: ServiceDefinition,
  hasKeys: boolean,
): Promise<OpenapiDocument> {
  const { default: swagger } = await import("@fastify/swagger");
  const app = fastify();
  app.setValidatorCompiler(() => () => true);
  const input = { ...inputSchema(undefined), $id: "Data" };
  const predictions = predictionSchemas(service.prediction, undefined);
  for (const schema of [input, ...predictions, ...PROTOCOL_SCHEMAS, ...SERVICE_SCHEMAS]) {
    app.addSchema(schema);
  }
  const { title, version, description } = service;
  await app.register(swagger, {
    openapi: {
      openapi: "3.0.3",
      info: { title, version, ...(description !== "" && { description }) },
      tags: TAGS,
      ...(hasKeys && { components: { securitySchemes: { apiKey: API_KEY } } }),
      security: hasKeys ? [{ apiKey: [] }] : [],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === "string" ? json.$id : `definition-${index}`,
    },
  });
  for (const { method, url, schema } of routes) {
    if (method !== "HEAD" && schema?.hide !== true) {
      app.route({ method, url, schema: completeSchema(schema, hasKeys), handler: () => undefined });
    }
  }
  await app.ready();
  const document = app.swagger();
  await app.close();
  // Relative, so that it holds behind a proxy that adds a prefix.
  const servers = [{ url: "." }];
  const components = "components" in document ? document.components : undefined;
  return { ...document, ...{ servers }, components: { ...components, schemas: { ...components?.schemas } } };
}

/** Headers of every answer. */
const HEADERS = {
  "x-request-id": { type: "string", description: "The request's own id if it had one, else a new one" },
  "x-model-hash": {
    type: "string",
    description: "MD5 of the model's canonical JSON, while there is a model",
  },
  "x-model-key": {
    type: "string",
    description: "Key of the model's file, percent-encoded, while there is a model",
  },
};
/** On answers to requests that have one. */
const TRACEPARENT = {
  traceparent: { type: "string", description: "The request's own W3C trace context, if it had a valid one" },
};
const RETRY_AFTER = { "retry-after": { type: "integer", description: "Seconds to wait" } };
const WWW_AUTHENTICATE = { "www-authenticate": { type: "string", description: "Bearer, and what is wrong" } };

/**
 * A copy of a route's schema with all that its operation needs: a description, the headers of answers, and the answer to a request
 * without an API key. The marks that an application leaves on the original are not copied.
 */
function completeSchema(given: FastifySchema | undefined, hasKeys: boolean): FastifySchema {
  const schema = parseSchema(JSON.stringify(given ?? {}));
  const { summary, description = summary, response, security } = schema;
  const statuses = Object.entries(response ?? {});
  if (hasKeys && security === undefined && statuses.length > 0) {
    // In the form that the protocol has for errors.
    const $ref = propertyOf(propertyOf(response, "503"), "$ref") ?? "ErrorDetail#";
    statuses.push(["401", { description: "No valid API key", $ref }]);
  }
  const responses = statuses.map(([status, answer]: [string, unknown]) => {
    const own = propertyOf(answer, "headers");
    const headers = {
      ...HEADERS,
      ...TRACEPARENT,
      ...(status === "503" && RETRY_AFTER),
      ...(status === "401" && WWW_AUTHENTICATE),
      ...(isObject(own) && own),
    };
    return [status, { ...(isObject(answer) && answer), headers }] as const;
  });
  return {
    ...schema,
    ...(description !== undefined && { description }),
    ...(responses.length > 0 && { response: Object.fromEntries(responses) }),
  };
}

const parseSchema: (json: string) => FastifySchema = JSON.parse;

/** The description by the signature of a model, with examples that the model takes and gives. */
export function describedFor(
  document: OpenapiDocument,
  { prediction }: ServiceDefinition,
  served: ServedModel | undefined,
): OpenapiDocument {
  const predictions = predictionSchemas(prediction, served).map(
    ({ $id = "", ...schema }) => [$id, schema] as const,
  );
  const schemas: Record<string, object> = {
    ...document.components.schemas,
    ...Object.fromEntries(predictions),
    Data: inputSchema(served?.features),
  };
  const examples = served ? examplesOf(served, prediction) : {};
  for (const [name, example] of Object.entries(examples)) {
    schemas[name] = { ...schemas[name], example };
  }
  return { ...document, components: { ...document.components, schemas } };
}
