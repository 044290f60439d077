import type { FastifyInstance } from "fastify";
import { BATCH_BODY_LIMIT, MAX_ROWS } from "../limits.js";
import { loadedModel } from "../model/served-model.js";
import type { Predictor } from "../model/predictor.js";
import type { ServiceDefinition } from "../options.js";
import { readMlflowRows } from "../protocols/mlflow-request.js";
import type { Batches } from "../request-body/batches.js";
import { ERRORS, MLFLOW_ERRORS, PREDICTION_HEADERS } from "./responses.js";

const TAGS = ["MLflow and SageMaker"];

/** MLflow's and SageMaker's scoring endpoint, and the version of the server; health is in routes/health. */
export function invocations(
  app: FastifyInstance,
  predictor: Predictor,
  batches: Batches,
  { version }: ServiceDefinition,
): void {
  app.post(
    "/invocations",
    {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { takesRows: true },
      schema: {
        tags: TAGS,
        summary: "Predict rows",
        description: `Rows in exactly one of MLflow's forms, or as an array of inputs; up to ${MAX_ROWS}.`,
        operationId: "invocations",
        body: { $ref: "Invocations#" },
        response: {
          200: { description: "One prediction a row", $ref: "Predictions#", headers: PREDICTION_HEADERS },
          ...MLFLOW_ERRORS,
        },
      },
    },
    async (request) =>
      batches.answer(request, async (body, slice) => {
        const model = loadedModel(request);
        const { rows, root } = await readMlflowRows(body, model.rows.names, slice);
        return { predictions: await predictor.predictAll(request, rows, slice, root) };
      }),
  );
  const content = { "text/plain": { schema: { type: "string", example: version } } };
  app.get(
    "/version",
    {
      schema: {
        tags: TAGS,
        summary: "The version of the program",
        description: "MLflow's server gives its own version here.",
        operationId: "version",
        response: { 200: { description: "Its version", content }, 503: ERRORS[503] },
      },
    },
    (_request, reply) => reply.type("text/plain; charset=utf-8").send(version),
  );
}
