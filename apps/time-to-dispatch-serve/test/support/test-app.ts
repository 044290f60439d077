import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { buildApp } from "../../src/app.js";
import { ModelHolder } from "../../src/model/model-holder.js";
import { ModelSource } from "../../src/model/model-source.js";
import { recordingLogger } from "./recording-logger.js";
import { BUCKET, Storage } from "./storage.js";

/** The service without a listening socket, on a real S3 server. */
export interface TestApp {
  app: FastifyInstance;
  holder: ModelHolder;
  storage: Storage;
  lines: string[];
  refresh(): Promise<string>;
  get(url: string): Promise<LightMyRequestResponse>;
  /** As JSON. */
  post(url: string, payload: string | object): Promise<LightMyRequestResponse>;
  stop(): Promise<void>;
}

/**
 * Start it; stop it after the tests.
 *
 * @param isLate - Whether it cannot keep up: not as the machine is, on which much else may run beside the tests.
 */
export async function startTestApp(isLate = () => false): Promise<TestApp> {
  const storage = await Storage.start();
  const log = recordingLogger();
  const holder = new ModelHolder(new ModelSource(BUCKET, storage.client, log), log);
  const app = await buildApp({
    holder,
    log,
    retryAfterSeconds: 30,
    accessLog: true,
    logFormat: "text",
    isLate,
  });
  return {
    app,
    holder,
    storage,
    lines: log.lines,
    refresh: () => holder.refresh(new AbortController().signal),
    get: async (url) => app.inject({ method: "GET", url }),
    post: async (url, payload) =>
      app.inject({ method: "POST", url, payload, headers: { "content-type": "application/json" } }),
    stop: async () => {
      await app.close();
      await storage.stop();
    },
  };
}
