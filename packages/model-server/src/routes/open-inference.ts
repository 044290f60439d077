import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError } from "../errors.js";
import { BATCH_BODY_LIMIT, ROW_BODY_LIMIT } from "../limits.js";
import { loadedModel } from "../model/served-model.js";
import type { ModelHolder } from "../model/model-holder.js";
import type { Predictor } from "../model/predictor.js";
import type { ServedModel } from "../model/served-model.js";
import type { ServiceDefinition } from "../options.js";
import { inferenceModel, inferenceResponse } from "../protocols/inference-answer.js";
import { readInferenceRequest } from "../protocols/inference-request.js";
import { NO_BINARY_DATA } from "../protocols/tensor.js";
import type { Batches } from "../request-body/batches.js";
import { inMessage, propertyOf } from "../untrusted.js";
import { INFERENCE_ERRORS, PREDICTION_HEADERS } from "./responses.js";

interface NamedModel {
  Params: { name: string; version?: string };
}

/** The parts that answer requests of the protocol. */
interface OpenInferenceParts {
  readonly predictor: Predictor;
  readonly batches: Batches;
  readonly holder: ModelHolder;
  readonly service: ServiceDefinition;
}

const TAGS = ["Open Inference Protocol"];

/**
 * The Open Inference Protocol, version 2, as KServe, Triton and their clients speak it; health is in routes/health, the form of
 * errors in protocols/error-form.
 *
 * @see https://github.com/kserve/open-inference-protocol
 */
export function openInference(app: FastifyInstance, parts: OpenInferenceParts): void {
  server(app, parts.service);
  // The model's hash is its version.
  model(app, parts, "/v2/models/:name", "");
  model(app, parts, "/v2/models/:name/versions/:version", "_version");
  repositoryIndex(app, parts);
}

function server(app: FastifyInstance, { program, version }: ServiceDefinition): void {
  const { 503: busy } = INFERENCE_ERRORS;
  const schema = {
    tags: TAGS,
    summary: "The server and its version",
    operationId: "inference_server",
    response: { 200: { description: "The server", $ref: "InferenceServer#" }, 503: busy },
  };
  // "model_repository" is no extension of this server: it lists, and neither loads nor unloads on request.
  app.get("/v2", { schema }, () => ({ name: program, version, extensions: [] }));
}

/** Metadata, readiness and predictions of the model, or of the version that is named. */
function model(
  app: FastifyInstance,
  { predictor, batches, service }: OpenInferenceParts,
  url: string,
  suffix: string,
): void {
  const { name, prediction } = service;
  const ofVersion = suffix === "" ? "" : ", if its version is the one named";
  const version = { type: "string", description: "The hash of the model", example: "0".repeat(32) };
  const params = {
    type: "object",
    properties: {
      name: { type: "string", description: "The name of the model", example: name },
      ...(suffix !== "" && { version }),
    },
  };
  const schemaOf = (operation: string, summary: string, $ref: string, description: string) => ({
    tags: TAGS,
    summary: `${summary}${ofVersion}`,
    operationId: `${operation}${suffix}`,
    params,
    response: { 200: { description, $ref }, ...INFERENCE_ERRORS },
  });
  app.get<NamedModel>(
    url,
    {
      schema: schemaOf(
        "inference_model",
        "Inputs and outputs of the model",
        "InferenceModel#",
        "Its tensors",
      ),
    },
    (request) => inferenceModel(namedModel(request), prediction),
  );
  app.get<NamedModel>(
    `${url}/ready`,
    {
      schema: schemaOf(
        "inference_ready",
        "Whether the model is served",
        "InferenceModelReady#",
        "It is served",
      ),
    },
    (request) => ({ name: namedModel(request).model.name, ready: true }),
  );
  const inferSchema = schemaOf("infer", "Predict tensors", "InferenceResponse#", "One prediction a row");
  app.post<NamedModel>(
    `${url}/infer`,
    {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { takesRows: true },
      onRequest: refuseBinaryData,
      schema: {
        ...inferSchema,
        response: {
          ...inferSchema.response,
          200: { ...inferSchema.response[200], headers: PREDICTION_HEADERS },
        },
        body: { $ref: "InferenceRequest#" },
      },
    },
    async (request) =>
      batches.answer(request, async (body, slice) => {
        const served = namedModel(request);
        const { id, rows } = await readInferenceRequest(body, served.features, prediction, slice);
        const data = await predictor.predictAll(request, rows, slice, ["inputs"]);
        return inferenceResponse(served, prediction, id, data);
      }),
  );
}

/** Clients that send binary tensors say so in this header. Without an answer of its own, their body is merely no JSON. */
function refuseBinaryData({ headers }: FastifyRequest, _reply: unknown, next: (error?: Error) => void): void {
  const isBinary = headers["inference-header-content-length"] !== undefined;
  next(isBinary ? new HttpError(400, NO_BINARY_DATA) : undefined);
}

/** @throws {HttpError} 404: another model or version is named. */
function namedModel(request: FastifyRequest<NamedModel>): ServedModel {
  const served = loadedModel(request);
  const { name, version } = request.params;
  if (name !== served.model.name) {
    throw new HttpError(404, `no model is named ${JSON.stringify(name)}, only ${served.model.name}`);
  }
  if (version !== undefined && version !== served.hash) {
    throw new HttpError(404, `no version of ${name} is ${JSON.stringify(version)}, only ${served.hash}`);
  }
  return served;
}

/**
 * The models that are there: the one that is served, and the newest if it was refused.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md#index
 */
function repositoryIndex(app: FastifyInstance, { holder, service }: OpenInferenceParts): void {
  app.post(
    "/v2/repository/index",
    {
      bodyLimit: ROW_BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: "The models that are there",
        description: "The one that is served, and the newest one if it was refused.",
        operationId: "repository_index",
        body: { $ref: "RepositoryIndexRequest#" },
        response: { 200: { description: "The models", $ref: "RepositoryIndex#" }, ...INFERENCE_ERRORS },
      },
    },
    (request) => {
      const isReadyOnly = propertyOf(request.body, "ready") ?? false;
      if (typeof isReadyOnly !== "boolean") {
        throw new HttpError(400, `ready is ${inMessage(isReadyOnly)}, expected true or false`);
      }
      const { name } = service;
      const { servedModel } = request;
      const { refusal } = holder;
      const ready = servedModel ? [{ name, version: servedModel.hash, state: "READY", reason: "" }] : [];
      const refused = refusal ? [{ name, state: "UNAVAILABLE", reason: refusal.reason }] : [];
      const none =
        servedModel || refusal ? [] : [{ name, state: "UNAVAILABLE", reason: "No model is loaded yet" }];
      return isReadyOnly ? ready : [...ready, ...refused, ...none];
    },
  );
}
