import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestValidationError } from "../errors.js";
import { BATCH_BODY_LIMIT, MAX_ROWS, ROW_BODY_LIMIT } from "../limits.js";
import { loadedModel } from "../model/served-model.js";
import type { Explained, Predictor } from "../model/predictor.js";
import type { ServiceDefinition } from "../options.js";
import type { Batches } from "../request-body/batches.js";
import { propertyOf, titleOf } from "../untrusted.js";
import { notABoolean } from "../validation/validation-detail.js";
import { ERRORS, PREDICTION_HEADERS } from "./responses.js";

const QUERY = {
  type: "object",
  properties: {
    explain: {
      type: "boolean",
      default: false,
      description: "Whether to answer why and how sure as well. 409 if the model cannot explain",
    },
  },
};

/** The service's own routes: one input at `ROUTE`, many at `ROUTE/batch`. */
export function predict(
  app: FastifyInstance,
  predictor: Predictor,
  batches: Batches,
  service: ServiceDefinition,
): void {
  const { route, prediction } = service;
  const name = route.slice(route.lastIndexOf("/") + 1);
  const shared = { tags: ["predictions"] };
  const operationId = name.replaceAll(/\W/g, "_");
  const key = JSON.stringify(prediction);
  app.post(
    route,
    {
      bodyLimit: ROW_BODY_LIMIT,
      schema: {
        ...shared,
        summary: titleOf(name),
        operationId,
        querystring: QUERY,
        body: { $ref: "Data#" },
        response: {
          200: { description: "Successful Response", $ref: "Prediction#", headers: PREDICTION_HEADERS },
          ...ERRORS,
        },
      },
    },
    (request, reply) => {
      const model = loadedModel(request);
      if (isExplained(request)) {
        const { prediction: value, interval, explanation } = predictor.explain(request, request.body);
        void reply.send({ [prediction]: value, model_version: model.version, interval, explanation });
        return;
      }
      const value = predictor.predict(request, request.body);
      // Put together by hand: a serializer would escape the 300 characters of the version anew for every request, a fifteenth of
      // the request's cost.
      const json = `{${key}:${typeof value === "number" ? value : JSON.stringify(value)},"model_version":${model.versionJson}}`;
      void reply.type("application/json; charset=utf-8").send(json);
    },
  );
  app.post(
    `${route}/batch`,
    {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { takesRows: true },
      schema: {
        ...shared,
        summary: `${titleOf(name)}, many inputs`,
        description: `Up to ${MAX_ROWS} inputs. A wrong one is named by its index, and nothing is predicted.`,
        operationId: `${operationId}_batch`,
        querystring: QUERY,
        body: { type: "array", maxItems: MAX_ROWS, items: { $ref: "Data#" } },
        response: {
          200: { description: "Successful Response", $ref: "BatchPrediction#", headers: PREDICTION_HEADERS },
          ...ERRORS,
        },
      },
    },
    async (request) =>
      batches.answer(request, async (body, slice) => {
        const model = loadedModel(request);
        if (isExplained(request)) {
          return explainedBatch(prediction, model.version, await predictor.explainAll(request, body, slice));
        }
        const values = await predictor.predictAll(request, body, slice);
        return { [prediction]: values, model_version: model.version };
      }),
  );
}

/** @throws {RequestValidationError} `explain` is neither true nor false. */
function isExplained({ query }: FastifyRequest): boolean {
  const explain = propertyOf(query, "explain");
  if (explain === undefined || explain === "false") {
    return false;
  }
  if (explain === "true") {
    return true;
  }
  throw new RequestValidationError([notABoolean(["query", "explain"])]);
}

/** The paths are left out: for 10,000 inputs they would take many megabytes. */
function explainedBatch(prediction: string, model_version: string, explained: readonly Explained[]): object {
  const intervals = explained.flatMap(({ interval }) => interval ?? []);
  return {
    [prediction]: explained.map((each) => each.prediction),
    model_version,
    ...(intervals.length === explained.length && { intervals }),
    explanations: explained.map(({ explanation: { mean, contributions } }) => ({ mean, contributions })),
  };
}
