import type { FastifyInstance } from "fastify";
import { type Forecaster, MAX_ORDERS } from "../model/forecaster.js";
import type { BatchPrediction } from "../schemas/batch-prediction.js";
import { loadedModel } from "./loaded-model.js";
import { ERRORS } from "./responses.js";

/** The largest body of many orders, in bytes. */
export const BATCH_BODY_LIMIT = 1_048_576;

/** Many orders in, their hours to dispatch out, in the same order. */
export function batch(app: FastifyInstance, { forecaster }: { forecaster: Forecaster }): void {
  app.post<{ Reply: BatchPrediction }>(
    "/api/v0.1/time_to_dispatch/batch",
    {
      bodyLimit: BATCH_BODY_LIMIT,
      schema: {
        tags: ["predictions"],
        summary: "Time To Dispatch, many orders",
        description: `Up to ${MAX_ORDERS} orders. One that is wrong is named by its index, and nothing is predicted.`,
        operationId: "time_to_dispatch_batch",
        body: { type: "array", maxItems: MAX_ORDERS, items: { $ref: "Data#" } },
        response: { 200: { description: "Successful Response", $ref: "BatchPrediction#" }, ...ERRORS },
      },
    },
    (request, reply) => {
      const model = loadedModel(request);
      const hours = forecaster.forecastAll(model, request.body);
      void reply.send({ est_hours_to_dispatch: hours, model_version: model.version });
    },
  );
}
