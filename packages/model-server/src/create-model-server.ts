import type { FastifyInstance } from "fastify";
import { checkObject, checkSettings, defineService } from "./options.js";
import type { ModelServerOptions, ModelServerSettings } from "./options.js";

/**
 * Make the server of `serveModel` without arguments, signals or listening: for tests, and for embedding in another program.
 *
 * It has looked for a model once when it resolves. While there is none, or none that passes, predictions are answered with 503. From
 * `ready` on, which `listen` and `inject` wait for, it looks again after every pause, until it is closed.
 *
 * @throws {TypeError} An option is unknown, missing or of another type.
 * @throws {InvalidArgumentsError} The file of API keys cannot be read, or has no valid keys.
 * @throws {S3AccessError} Storage cannot be used.
 * @throws {ModelIntegrityError} The pinned model is damaged; other errors for one that cannot be served.
 *
 * @example
 * ```ts
 * import { createModelServer } from "@ml-pipelines/model-server";
 * import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
 *
 * const app = await createModelServer({
 *   name: "time-to-dispatch",
 *   modelClasses: [dtRegression],
 *   bucket: "my-bucket",
 * });
 * const response = await app.inject({ method: "POST", url: "/predict", payload: { orders_placed: 10 } });
 * console.log(response.statusCode);
 * await app.close();
 * ```
 */
export async function createModelServer(
  options: ModelServerOptions & ModelServerSettings,
): Promise<FastifyInstance> {
  checkObject(options);
  const {
    bucket,
    modelKey,
    alias,
    pollSeconds,
    allowFuture,
    bodyBudgetMib,
    corsOrigins,
    apiKeysFile,
    accessLog,
    log,
    client,
    signal,
    ...own
  } = options;
  const service = defineService(own);
  const looks = { bucket, modelKey, alias, pollSeconds, allowFuture };
  const access = { corsOrigins, apiKeysFile };
  const settings = { ...looks, ...access, bodyBudgetMib, accessLog, log, client, signal };
  checkSettings(settings);
  // This import takes ten times as long as all checks of arguments and options.
  const { startServer } = await import("./start-server.js");
  return startServer(service, settings);
}
