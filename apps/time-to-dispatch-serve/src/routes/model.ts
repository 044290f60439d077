import type { FastifyInstance } from "fastify";
import { describeModel } from "../model/describe-model.js";
import { predictionCurves } from "../model/prediction-curves.js";
import { loadedModel } from "./loaded-model.js";
import { ERRORS } from "./responses.js";

/** What is served, and all that it predicts. */
export function model(app: FastifyInstance): void {
  const { 503: unavailable } = ERRORS;
  app.get(
    "/api/v0.1/model",
    {
      schema: {
        tags: ["model"],
        summary: "The model that is served",
        operationId: "model",
        response: {
          200: { description: "Its lineage, metrics and signature", $ref: "ModelDescription#" },
          503: unavailable,
        },
      },
    },
    (request) => describeModel(loadedModel(request)),
  );
  app.get(
    "/api/v0.1/model/curves",
    {
      schema: {
        tags: ["model"],
        summary: "Hours against orders for each product",
        operationId: "model_curves",
        response: {
          200: { description: "The steps of the tree", $ref: "PredictionCurves#" },
          503: unavailable,
        },
      },
    },
    (request) => predictionCurves(loadedModel(request)),
  );
}
