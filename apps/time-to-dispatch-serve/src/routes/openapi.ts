import type { FastifyInstance } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";

interface OpenapiOptions {
  holder: ModelHolder;
  /** Registers the routes that are described. */
  register: (app: FastifyInstance) => void;
  version: string;
}

/** Describes the API at `/openapi.json`, orders as the signature of the model has them at that moment. */
export function openapi(app: FastifyInstance, { holder, register, version }: OpenapiOptions): void {
  const describe = async () => {
    // Imported when first asked for: the schemas take a tenth of the start.
    const { describeRoutes, withOrders } = await import("../openapi-document.js");
    const document = await describeRoutes(register, version);
    return () => withOrders(document, holder.current);
  };
  let described: ReturnType<typeof describe> | undefined;
  app.get("/openapi.json", { schema: { hide: true } }, async () => {
    described ??= describe();
    return (await described)();
  });
}
