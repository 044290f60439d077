import type { FastifyInstance } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";
import type { OpenapiDocument } from "../openapi-document.js";
import { orderSchema } from "../schemas/order.js";

interface OpenapiOptions {
  holder: ModelHolder;
  describe: () => Promise<OpenapiDocument>;
}

/** Describes the API at `/openapi.json`, orders as the signature of the model has them at that moment. */
export function openapi(app: FastifyInstance, { holder, describe }: OpenapiOptions): void {
  let description: Promise<OpenapiDocument> | undefined;
  app.get("/openapi.json", { schema: { hide: true } }, async () => {
    description ??= describe();
    const document = await description;
    const data = orderSchema(holder.current?.features);
    return { ...document, components: { schemas: { ...document.components.schemas, Data: data } } };
  });
}
