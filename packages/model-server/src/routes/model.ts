import type { FastifyInstance } from "fastify";
import { curvesOf } from "../model/curves.js";
import { describeModel } from "../model/describe-model.js";
import { loadedModel } from "../model/served-model.js";
import type { ModelHolder } from "../model/model-holder.js";
import { ModelList } from "../model/model-list.js";
import type { ServiceDefinition } from "../options.js";
import { ERRORS } from "./responses.js";

/** The model that is served, its predictions along one feature, and other models. They stand beside the route's last segment. */
export function model(
  app: FastifyInstance,
  { route, prediction }: ServiceDefinition,
  holder: ModelHolder,
): void {
  const address = `${route.slice(0, route.lastIndexOf("/"))}/model`;
  const list = new ModelList(holder);
  const { 503: unavailable, "4xx": refused } = ERRORS;
  app.get(
    address,
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
  app.get<{ Querystring: Record<string, unknown> }>(
    `${address}/curves`,
    {
      schema: {
        tags: ["model"],
        summary: "The prediction against one number feature",
        description:
          "A line for each value of the category or boolean feature with the fewest values; the other features at their median or most frequent value.",
        operationId: "model_curves",
        querystring: {
          type: "object",
          properties: {
            feature: { type: "string", description: "A number feature. Default: the first in column order" },
          },
        },
        response: {
          200: { description: "The steps of the feature, and the predictions", $ref: "PredictionCurves#" },
          "4xx": refused,
          503: unavailable,
        },
      },
    },
    async (request) => {
      const { feature: name } = request.query;
      const { feature, steps, lines } = await curvesOf(
        loadedModel(request),
        typeof name === "string" ? name : undefined,
      );
      const named = lines.map((line) => [line.name, line.predictions] as const);
      return { [feature.name]: steps, [prediction]: Object.fromEntries(named) };
    },
  );
  app.get(
    `${address}s`,
    {
      schema: {
        tags: ["model"],
        summary: "The newest models",
        description:
          "Up to ten, newest first: the one that is served, those that were refused and why, and others.",
        operationId: "models",
        response: {
          200: { description: "The models in storage", $ref: "KnownModels#" },
          503: unavailable,
        },
      },
    },
    async () => ({ models: await list.list() }),
  );
}
