import type { FastifyRequest } from "fastify";
import { ModelNotLoadedError } from "../model/model-not-loaded-error.js";
import type { ServedModel } from "../model/served-model.js";

/**
 * The model that answers a request.
 *
 * @throws {ModelNotLoadedError} There is none; answered with 503.
 */
export function loadedModel(request: FastifyRequest): ServedModel {
  if (!request.servedModel) throw new ModelNotLoadedError();
  return request.servedModel;
}
