import fastify, { type FastifyInstance } from "fastify";
import type { ServedModel } from "./model/served-model.js";
import { exampleInference, exampleOrder } from "./schemas/example-order.js";
import { orderSchema } from "./schemas/order.js";
import { SHARED_SCHEMAS } from "./schemas/shared-schemas.js";

/** The description of an API, as OpenAPI 3 has it. */
interface OpenapiDocument {
  components: { schemas: Record<string, object> };
}

/**
 * Describe routes as OpenAPI 3.0.
 *
 * The routes are registered once more, with an application of its own that never listens: so what describes them is imported
 * when the description is first asked for, and the service answers sooner.
 *
 * @param register - Registers the routes, whose handlers are never called.
 */
export async function describeRoutes(
  register: (app: FastifyInstance) => void,
  version: string,
): Promise<OpenapiDocument> {
  const { default: swagger } = await import("@fastify/swagger");
  const app = fastify();
  app.setValidatorCompiler(() => () => true);
  for (const schema of SHARED_SCHEMAS) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: "3.0.3",
      info: { title: "time-to-dispatch", version, description: "Hours until an order is dispatched" },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === "string" ? json.$id : `definition-${index}`,
    },
  });
  register(app);
  await app.ready();
  const document = app.swagger();
  await app.close();
  // Relative, so that it holds behind a proxy that adds a prefix.
  const servers = [{ url: "." }];
  const schemas = "components" in document ? document.components.schemas : undefined;
  return { ...document, ...{ servers }, components: { schemas: { ...schemas } } };
}

/** The description with orders as the signature of a model has them, and an example that it takes. */
export function withOrders(document: OpenapiDocument, served: ServedModel | undefined): OpenapiDocument {
  const { schemas } = document.components;
  const described = served
    ? {
        Data: { ...orderSchema(served.features), example: exampleOrder(served) },
        InferenceRequest: { ...schemas.InferenceRequest, example: exampleInference(served) },
      }
    : { Data: orderSchema(undefined) };
  return { ...document, components: { schemas: { ...schemas, ...described } } };
}
