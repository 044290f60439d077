import type { FastifyInstance, RouteOptions } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";
import type { ServiceDefinition } from "../options.js";
import { sendDocument } from "./documents.js";

interface DocumentationOptions {
  readonly holder: ModelHolder;
  readonly service: ServiceDefinition;
  /** The routes that are described, but for hidden ones. */
  readonly routes: readonly RouteOptions[];
  /** Whether requests need an API key. */
  readonly hasKeys: boolean;
}

/** Describes the API at `/openapi.json`, inputs and predictions by the model that is served at that moment. */
export function documentation(app: FastifyInstance, options: DocumentationOptions): void {
  const { holder, service, routes, hasKeys } = options;
  const describe = async () => {
    // Imported when first asked for: the schemas take a tenth of the start.
    const { describeRoutes, describedFor } = await import("../openapi-document.js");
    const document = await describeRoutes(routes, service, hasKeys);
    return () => describedFor(document, service, holder.current);
  };
  let described: ReturnType<typeof describe> | undefined;
  app.get("/openapi.json", { schema: { hide: true } }, async (request, reply) => {
    described ??= describe();
    const bytes = Buffer.from(JSON.stringify((await described)()));
    reply.type("application/json; charset=utf-8");
    return sendDocument(request, reply, { bytes, isGzip: false });
  });
}
