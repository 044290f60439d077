import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError } from "../http-error.js";
import type { Forecaster } from "../model/forecaster.js";
import type { ServedModel } from "../model/served-model.js";
import { readInputs } from "../open-inference/read-inputs.js";
import { propertyOf } from "../property-of.js";
import { BATCH_BODY_LIMIT } from "./batch.js";
import { loadedModel } from "./loaded-model.js";
import { INFERENCE_ERRORS } from "./responses.js";

interface NamedModel {
  Params: { name: string };
}

const OUTPUT = "est_hours_to_dispatch";
const TAGS = ["Open Inference Protocol"];
const params = {
  type: "object",
  properties: {
    name: { type: "string", description: "The name that the model has", example: "time-to-dispatch" },
  },
};

/** The schema of a route of the model, whose answer is described by a shared schema. */
function schemaOf($ref: string, description: string) {
  return { tags: TAGS, params, response: { 200: { description, $ref }, ...INFERENCE_ERRORS } };
}

/**
 * The Open Inference Protocol, version 2, as KServe, Triton and their clients speak it; health is in routes/health, the form of
 * errors in plugins/error-handler.
 *
 * @see https://github.com/open-inference/open-inference-protocol
 */
export function openInference(
  app: FastifyInstance,
  { forecaster, version }: { forecaster: Forecaster; version: string },
): void {
  const { 503: busy } = INFERENCE_ERRORS;
  const response = { 200: { description: "The server", $ref: "InferenceServer#" }, 503: busy };
  app.get("/v2", { schema: { tags: TAGS, response } }, () => ({
    name: "time-to-dispatch-serve",
    version,
    extensions: [],
  }));
  app.get<NamedModel>(
    "/v2/models/:name",
    { schema: schemaOf("InferenceModel#", "What it takes and gives") },
    (request) => metadataOf(namedModel(request)),
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
      schema: {
        ...schemaOf("InferenceResponse#", "Hours to dispatch"),
        summary: "Predict tensors",
        body: { $ref: "InferenceRequest#" },
      },
    },
    (request) => {
      const served = namedModel(request);
      const orders = readInputs(request.body, served.features);
      const data = forecaster.forecastAll(served, orders, ["inputs"]);
      return {
        model_name: served.model.name,
        model_version: served.hash,
        ...idOf(request.body),
        outputs: [{ name: OUTPUT, shape: [data.length], datatype: "FP64", data }],
      };
    },
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

function metadataOf({ model, hash, features }: ServedModel): object {
  return {
    name: model.name,
    versions: [hash],
    platform: "ml-cart",
    inputs: features.map(({ name, type }) => ({
      name,
      datatype: type === "category" ? "BYTES" : "FP64",
      shape: [-1],
    })),
    outputs: [{ name: OUTPUT, datatype: "FP64", shape: [-1] }],
  };
}

function idOf(body: unknown): { id?: string } {
  const id = propertyOf(body, "id");
  return typeof id === "string" ? { id } : {};
}
