import { createS3Client } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { type Arguments, InvalidArgumentsError } from "./arguments.js";
import { EventLoopWatch } from "./event-loop-watch.js";
import { TemporaryError } from "./failure.js";
import { keepGarbageSmall } from "./keep-garbage-small.js";
import { ModelHolder } from "./model/model-holder.js";
import { LOOK_TIMEOUT_MS, ModelPoller } from "./model/model-poller.js";
import { ModelSource } from "./model/model-source.js";
import type { Settings } from "./settings.js";
import { stopServing } from "./stop-serving.js";

/** The running service. */
export interface Service {
  /** `http://host:port`, the host as the system has it: `0.0.0.0` for all addresses. */
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
      log.warn(message);
    },
  });
  const source = new ModelSource(given.bucket, client, log);
  const holder = new ModelHolder(source, log);
  const wanted =
    given.modelKey === undefined
      ? `newest model of ${holder.address}/`
      : `pinned model s3://${given.bucket}/${given.modelKey}`;
  log.info(`Starting serve-model stage: ${wanted}`);
  const { accessLog, logFormat } = given;
  const retryAfterSeconds = Math.ceil(given.pollSeconds);
  const loading = loadFirst(holder, given.modelKey, signal);
  const watch = new EventLoopWatch();
  const isLate = (): boolean => watch.isLate;
  // Imported while storage is asked.
  const building = import("./app.js").then(async ({ buildApp }) =>
    buildApp({ holder, log, retryAfterSeconds, isLate, accessLog, logFormat }),
  );
  const [app] = await Promise.all([building, loading]);
  const address = await listen(app, given);
  keepGarbageSmall();
  log.info(`Listening on ${address}`);
  const poller = new ModelPoller(holder, given.pollSeconds);
  if (given.modelKey === undefined) poller.start();
  return {
    address,
    close: async () => {
      poller.stop();
      await stopServing(app);
      watch.stop();
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
    await app.listen({ host, port });
    return addressOf(app.server.address());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new TemporaryError(`could not listen on ${host}:${port} - ${reason}`, { cause: error });
    }
    throw new InvalidArgumentsError(`could not listen on --host ${host} --port ${port}: ${reason}`);
  }
}

function addressOf(bound: AddressInfo | string | null): string {
  if (bound === null || typeof bound === "string") return `http://${String(bound)}`;
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return `http://${host}:${bound.port}`;
}
