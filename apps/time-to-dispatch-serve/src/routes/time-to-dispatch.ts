import type { FastifyInstance } from "fastify";
import type { Forecaster } from "../model/forecaster.js";
import { loadedModel } from "./loaded-model.js";
import { ERRORS } from "./responses.js";

/** The largest body of one order, in bytes. */
const ORDER_BODY_LIMIT = 16_384;

/** The endpoint of the original: one order in, its hours to dispatch out. */
export function timeToDispatch(app: FastifyInstance, { forecaster }: { forecaster: Forecaster }): void {
  app.post(
    "/api/v0.1/time_to_dispatch",
    {
      bodyLimit: ORDER_BODY_LIMIT,
      schema: {
        tags: ["predictions"],
        summary: "Time To Dispatch",
        operationId: "time_to_dispatch",
        body: { $ref: "Data#" },
        response: { 200: { description: "Successful Response", $ref: "Prediction#" }, ...ERRORS },
      },
    },
    (request, reply) => {
      const model = loadedModel(request);
      const hours = forecaster.forecast(model, request.body);
      // Put together by hand: a serializer would escape the 300 characters of the version anew for every request, a fifteenth of
      // what the request costs.
      const json = `{"est_hours_to_dispatch":${hours},"model_version":${model.versionJson}}`;
      void reply.type("application/json; charset=utf-8").send(json);
    },
  );
}
