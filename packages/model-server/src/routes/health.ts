import type { FastifyInstance } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";
import type { ServiceDefinition } from "../options.js";
import type { Readiness } from "../schemas/service.js";

const TAGS = ["health"];
/** Probes and scrapers have no API key. */
const SECURITY: never[] = [];
const RUNNING = { description: "The process runs" };
const READY = { description: "There is a model to answer with" };
const WAITING = { description: "No model yet: try again after Retry-After" };

/**
 * Whether the process runs (`/healthz`), and whether it has a model to answer with, and which (`/readyz`); both also under the
 * names that model servers have for them (Open Inference Protocol, SageMaker, MLflow).
 */
export function health(
  app: FastifyInstance,
  options: { holder: ModelHolder; service: ServiceDefinition; retryAfterSeconds: number },
): void {
  const { holder, service, retryAfterSeconds } = options;
  const whenRunning = (url: string, schema: string, answer: object): void => {
    const text = { summary: "Whether the process runs", operationId: operationOf(url) };
    const response = { 200: { ...RUNNING, $ref: schema } };
    app.get(url, { schema: { tags: TAGS, ...text, security: SECURITY, response } }, () => answer);
  };
  whenRunning("/healthz", "Alive#", { status: "ok" });
  whenRunning("/v2/health/live", "InferenceLive#", { live: true });

  const whenReady = (url: string, ready: string, waiting: string, answer: () => object): void => {
    const text = { summary: "Whether there is a model to answer with", operationId: operationOf(url) };
    const response = { 200: { ...READY, $ref: ready }, 503: { ...WAITING, $ref: waiting } };
    app.get(url, { schema: { tags: TAGS, ...text, security: SECURITY, response } }, (_request, reply) => {
      if (!holder.current) {
        void reply.code(503).header("retry-after", retryAfterSeconds);
      }
      return answer();
    });
  };
  for (const url of ["/readyz", "/ping", "/health"]) {
    whenReady(url, "Ready#", "Waiting#", () => readiness(holder, service));
  }
  whenReady("/v2/health/ready", "InferenceReady#", "InferenceReady#", () => ({
    ready: holder.current !== undefined,
  }));
}

/** `v2_health_live` for `/v2/health/live`. */
const operationOf = (url: string): string => url.slice(1).replaceAll("/", "_");

/** Which program serves which model, by which alias, and whether another was refused, so that replicas that disagree show it. */
function readiness(
  { current, refusal, address, alias }: ModelHolder,
  { program, version, commit }: ServiceDefinition,
): Readiness {
  const build = { program, version, commit };
  const refused = refusal === undefined ? {} : { refused_model: refusal.address };
  if (!current) {
    return { status: "waiting for a model", looking_in: address, ...refused, build };
  }
  const followed = alias && {
    alias: { name: alias.name, sequence: alias.sequence, model_key: alias.key },
  };
  const model = { model_hash: current.hash, model_address: current.address };
  return { status: "ready", ...model, ...followed, ...refused, build };
}
