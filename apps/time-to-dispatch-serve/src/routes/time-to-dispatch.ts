import type { FastifyInstance } from "fastify";
import type { Prediction } from "../schemas/prediction.js";
import { loadedModel } from "./loaded-model.js";

/** The largest body of one order, in bytes. */
export const ORDER_BODY_LIMIT = 16_384;

/** The endpoint of the original: one order in, its hours to dispatch out. */
export function timeToDispatch(app: FastifyInstance): void {
  app.post<{ Reply: Prediction }>(
    "/api/v0.1/time_to_dispatch",
    {
      bodyLimit: ORDER_BODY_LIMIT,
      schema: {
        body: { $ref: "Data#" },
        response: {
          200: { description: "Successful Response", $ref: "Prediction#" },
          422: { description: "Validation Error", $ref: "HTTPValidationError#" },
          "4xx": { description: "Refused", $ref: "ErrorDetail#" },
          503: { description: "No model yet, or too busy", $ref: "ErrorDetail#" },
        },
      },
    },
    (request, reply) => {
      const model = loadedModel(request);
      const row = model.orders.readOrder(request.body);
      void reply.send({ est_hours_to_dispatch: model.predict(row), model_version: model.version });
    },
  );
}
