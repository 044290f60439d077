import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError } from "../errors.js";
import { BATCH_BODY_LIMIT } from "../limits.js";
import type { Predictor } from "../model/predictor.js";
import type { ServedModel } from "../model/served-model.js";
import { datatypeOf, readInputs } from "../open-inference/read-inputs.js";
import type { Batches } from "../request-body/batches.js";
import type { ServiceDefinition } from "../options.js";
import { propertyOf } from "../untrusted.js";
import { INFERENCE_ERRORS, loadedModel } from "./responses.js";

interface NamedModel {
  Params: { name: string };
}

const TAGS = ["Open Inference Protocol"];

/**
 * The Open Inference Protocol, version 2, as KServe, Triton and their clients speak it; health is in routes/health, the form of
 * errors in plugins/error-handler.
 *
 * @see https://github.com/open-inference/open-inference-protocol
 */
export function openInference(
  app: FastifyInstance,
  predictor: Predictor,
  batches: Batches,
  service: ServiceDefinition,
): void {
  const { name, prediction, program, version } = service;
  const params = {
    type: "object",
    properties: { name: { type: "string", description: "The name of the model", example: name } },
  };
  const schemaOf = ($ref: string, description: string) => ({
    tags: TAGS,
    params,
    response: { 200: { description, $ref }, ...INFERENCE_ERRORS },
  });
  const { 503: busy } = INFERENCE_ERRORS;
  const response = { 200: { description: "The server", $ref: "InferenceServer#" }, 503: busy };
  app.get("/v2", { schema: { tags: TAGS, response } }, () => ({
    name: program,
    version,
    extensions: [],
  }));
  app.get<NamedModel>(
    "/v2/models/:name",
    { schema: schemaOf("InferenceModel#", "What it takes and gives") },
    (request) => metadataOf(namedModel(request), prediction),
  );
  app.get<NamedModel>(
    "/v2/models/:name/ready",
    { schema: schemaOf("InferenceModelReady#", "It is served") },
    (request) => ({ name: namedModel(request).model.name, ready: true }),
  );
  app.post<NamedModel>(
    "/v2/models/:name/infer",
    {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { takesRows: true },
      schema: {
        ...schemaOf("InferenceResponse#", "One prediction a row"),
        summary: "Predict tensors",
        body: { $ref: "InferenceRequest#" },
      },
    },
    async (request) =>
      batches.answer(request, async (body, slice) => {
        const served = namedModel(request);
        const inputs = await readInputs(body, served.features, slice);
        const data = await predictor.predictAll(served, inputs, slice, ["inputs"]);
        return {
          model_name: served.model.name,
          model_version: served.hash,
          ...idOf(body),
          outputs: [{ name: prediction, shape: [data.length], datatype: datatypeOfOutput(served), data }],
        };
      }),
  );
}

function namedModel(request: FastifyRequest<NamedModel>): ServedModel {
  const served = loadedModel(request);
  if (request.params.name !== served.model.name) {
    throw new HttpError(
      404,
      `no model is named ${JSON.stringify(request.params.name)}, only ${served.model.name}`,
    );
  }
  return served;
}

function metadataOf(served: ServedModel, prediction: string): object {
  const { model, hash, features } = served;
  return {
    name: model.name,
    versions: [hash],
    platform: model.modelType,
    inputs: features.map((feature) => ({ name: feature.name, datatype: datatypeOf(feature), shape: [-1] })),
    outputs: [{ name: prediction, datatype: datatypeOfOutput(served), shape: [-1] }],
  };
}

/** A prediction is a double even where the target is an integer: a model may predict between two. */
function datatypeOfOutput({ classes }: ServedModel): "BYTES" | "FP64" {
  return classes === undefined ? "FP64" : "BYTES";
}

function idOf(body: unknown): { id?: string } {
  const id = propertyOf(body, "id");
  return typeof id === "string" ? { id } : {};
}
