import fastify from "fastify";
import type { FastifySchema, RouteOptions } from "fastify";
import type { ServedModel } from "./model/served-model.js";
import type { ServiceDefinition } from "./options.js";
import { exampleInference, exampleInput, inputSchema } from "./schemas/input.js";
import { predictionSchemas } from "./schemas/prediction.js";
import { PROTOCOL_SCHEMAS } from "./schemas/protocols.js";
import { SERVICE_SCHEMAS } from "./schemas/service.js";

/** The description of an API, as OpenAPI 3 has it. */
interface OpenapiDocument {
  components: { schemas: Record<string, object> };
}

/**
 * Describe routes as OpenAPI 3.0.
 *
 * The routes are registered once more, without their handlers, with an application that never listens. Its libraries are imported
 * when the description is first asked for, and the service answers sooner.
 */
export async function describeRoutes(
  routes: readonly RouteOptions[],
  service: ServiceDefinition,
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
    openapi: { openapi: "3.0.3", info: { title, version, ...(description !== "" && { description }) } },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === "string" ? json.$id : `definition-${index}`,
    },
  });
  for (const { method, url, schema } of routes) {
    if (method !== "HEAD" && schema?.hide !== true) {
      app.route({ method, url, schema: copySchema(schema), handler: () => undefined });
    }
  }
  await app.ready();
  const document = app.swagger();
  await app.close();
  // Relative, so that it holds behind a proxy that adds a prefix.
  const servers = [{ url: "." }];
  const schemas = "components" in document ? document.components.schemas : undefined;
  return { ...document, ...{ servers }, components: { schemas: { ...schemas } } };
}

/** A copy without the marks that an application leaves on the schemas of its routes. */
const copySchema: (schema: FastifySchema | undefined) => FastifySchema = (schema = {}) =>
  parseSchema(JSON.stringify(schema));
const parseSchema: (json: string) => FastifySchema = JSON.parse;

/** The description by the signature of a model, with an example that the model takes. */
export function describedFor(
  document: OpenapiDocument,
  { prediction }: ServiceDefinition,
  served: ServedModel | undefined,
): OpenapiDocument {
  const { schemas } = document.components;
  const predictions = predictionSchemas(prediction, served).map(
    ({ $id = "", ...schema }) => [$id, schema] as const,
  );
  const described = served
    ? {
        Data: { ...inputSchema(served.features), example: exampleInput(served) },
        InferenceRequest: { ...schemas.InferenceRequest, example: exampleInference(served) },
      }
    : { Data: inputSchema(undefined) };
  return {
    ...document,
    components: { schemas: { ...schemas, ...Object.fromEntries(predictions), ...described } },
  };
}
