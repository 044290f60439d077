import { createS3Client } from "@ml-pipelines/pipeline-utils/aws";
import { configureLogger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyInstance } from "fastify";
import { EventLoopWatch } from "./event-loop-watch.js";
import { DEFAULT_BODY_BUDGET_MIB, DEFAULT_POLL_SECONDS } from "./limits.js";
import { AliasRule } from "./model/alias-rule.js";
import { ModelFollower } from "./model/model-follower.js";
import { ModelHolder } from "./model/model-holder.js";
import { ModelSource } from "./model/model-source.js";
import { NewestRule } from "./model/newest-rule.js";
import { ApiKeys } from "./plugins/api-keys.js";
import type { ModelServerSettings, ServiceDefinition } from "./options.js";

/**
 * Load the model, and build the server meanwhile.
 *
 * While there is no model yet, or the newest is not one to serve, the server waits for one. Every other fault of the storage, and
 * every fault of a pinned model, is thrown.
 */
export async function startServer(
  service: ServiceDefinition,
  settings: ModelServerSettings,
): Promise<FastifyInstance> {
  const {
    bucket,
    modelKey,
    alias,
    signal,
    pollSeconds = DEFAULT_POLL_SECONDS,
    allowFuture = false,
  } = settings;
  const log = settings.log ?? configureLogger({ module: "serve_model.main" });
  const onRetry = ({ message }: { readonly message: string }): void => {
    log.warn(message);
  };
  const client = settings.client ?? createS3Client({ onRetry });
  const { apiKeysFile } = settings;
  const apiKeys = apiKeysFile === undefined ? undefined : new ApiKeys(apiKeysFile);
  const source = new ModelSource({ service, bucket, allowFuture, client, log });
  const rule =
    alias === undefined
      ? new NewestRule(service.name, source, log)
      : new AliasRule(service.name, alias, source, log);
  const holder = new ModelHolder(rule, source, log);
  const wanted = modelKey === undefined ? rule.wanted : `pinned model s3://${bucket}/${modelKey}`;
  log.info(`Starting serve-model stage: ${wanted}`);
  const follower = new ModelFollower(holder, pollSeconds);
  const loading = follower.loadFirst(modelKey, signal);
  const watch = new EventLoopWatch();
  // Imported while storage answers.
  const building = import("./build-server.js").then(async ({ buildServer }) =>
    buildServer({
      service,
      holder,
      log,
      retryAfterSeconds: Math.ceil(pollSeconds),
      bodyBudgetBytes: (settings.bodyBudgetMib ?? DEFAULT_BODY_BUDGET_MIB) * 1_048_576,
      corsOrigins: settings.corsOrigins ?? [],
      apiKeys,
      accessLog: settings.accessLog ?? true,
      isLate: () => watch.isLate,
    }),
  );
  const [app] = await Promise.all([building, loading]).catch((error: unknown) => {
    watch.stop();
    throw error;
  });
  app.addHook("onReady", (done) => {
    if (modelKey === undefined) {
      follower.start();
    }
    done();
  });
  const forgetKeys = apiKeys?.follow(log);
  app.addHook("onClose", (_app, done) => {
    forgetKeys?.();
    follower.stop();
    watch.stop();
    done();
  });
  return app;
}
