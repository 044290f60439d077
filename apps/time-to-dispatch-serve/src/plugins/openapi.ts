import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { ModelHolder } from "../model/model-holder.js";
import { orderSchema } from "../schemas/order.js";

/** Describes the routes registered after it at `/openapi.json`, orders as the model's signature has them at that moment. */
export const openapi = fastifyPlugin(
  async (app: FastifyInstance, { holder, version }: { holder: ModelHolder; version: string }) => {
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
    app.get("/openapi.json", { schema: { hide: true } }, () => {
      const document = app.swagger();
      const schemas = "components" in document ? document.components.schemas : undefined;
      return {
        ...document,
        // Relative, so that it holds behind a proxy that adds a prefix.
        servers: [{ url: "." }],
        components: { schemas: { ...schemas, Data: orderSchema(holder.current?.features) } },
      };
    });
  },
  { name: "openapi" },
);
