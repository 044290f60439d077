import { createS3Client } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { FastifyInstance } from "fastify";
import { buildApp } from "./app.js";
import { type Arguments, InvalidArgumentsError } from "./arguments.js";
import { TemporaryError } from "./failure.js";
import { ModelHolder } from "./model/model-holder.js";
import { LOOK_TIMEOUT_MS, ModelPoller } from "./model/model-poller.js";
import { ModelSource } from "./model/model-source.js";
import type { Settings } from "./settings.js";
import { stopServing } from "./stop-serving.js";

/** The running service. */
export interface Service {
  /** `http://host:port`. */
  readonly address: string;
  /** Refuse new connections, from the call on; finish the requests under way; stop. */
  close(): Promise<void>;
}

/**
 * Load the model, then listen.
 *
 * Where there is no model yet, or the newest is not one to serve, the service listens and waits for one. Whatever else is wrong with
 * the storage, and anything that is wrong with a pinned model, is thrown.
 *
 * @param signal - Gives up the start.
 */
export async function serve(given: Arguments & Settings, log: Logger, signal: AbortSignal): Promise<Service> {
  const client = createS3Client({
    onRetry: ({ message }) => {
      log.debug(message);
    },
  });
  const source = new ModelSource(given.bucket, client);
  const holder = new ModelHolder(source, log);
  const retryAfterSeconds = Math.ceil(given.pollSeconds);
  const building = buildApp({ holder, log, retryAfterSeconds, accessLog: given.accessLog });
  await loadFirst(holder, given.modelKey, signal);
  const app = await building;
  const address = await listen(app, given);
  const poller = new ModelPoller(holder, given.pollSeconds);
  if (given.modelKey === undefined) poller.start();
  return {
    address,
    close: async () => {
      poller.stop();
      await stopServing(app);
    },
  };
}

async function loadFirst(
  holder: ModelHolder,
  modelKey: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const look = new AbortController();
  const giveUp = (): void => {
    look.abort(signal.reason);
  };
  signal.addEventListener("abort", giveUp, { once: true });
  const timeout = new TemporaryError(`no answer from ${holder.address} within ${LOOK_TIMEOUT_MS / 1_000} s`);
  const timer = setTimeout(() => {
    look.abort(timeout);
  }, LOOK_TIMEOUT_MS);
  try {
    if (modelKey === undefined) await holder.refresh(look.signal, { rethrow: true });
    else await holder.pin(modelKey, look.signal);
  } catch (error) {
    throw look.signal.aborted ? look.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

async function listen(app: FastifyInstance, { host, port }: Arguments): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new TemporaryError(`could not listen on ${host}:${port} - ${reason}`, { cause: error });
    }
    throw new InvalidArgumentsError(`could not listen on --host ${host} --port ${port}: ${reason}`);
  }
}
