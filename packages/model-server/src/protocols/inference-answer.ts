import type { Prediction, ServedModel } from "../model/served-model.js";
import { datatypeOf } from "./tensor.js";

/**
 * The inputs and outputs of a model: tensors of one dimension, of any length.
 *
 * @param output - The name of the only output.
 */
export function inferenceModel(served: ServedModel, output: string): object {
  const { model, hash, features } = served;
  return {
    name: model.name,
    versions: [hash],
    platform: model.modelType,
    inputs: features.map((feature) => ({ name: feature.name, datatype: datatypeOf(feature), shape: [-1] })),
    outputs: [{ name: output, datatype: datatypeOfOutput(served), shape: [-1] }],
  };
}

/**
 * The answer to an inference request.
 *
 * @param id - The client's own name for the request, if it gave one.
 */
export function inferenceResponse(
  served: ServedModel,
  output: string,
  id: string | undefined,
  data: readonly Prediction[],
): object {
  return {
    model_name: served.model.name,
    model_version: served.hash,
    ...(id !== undefined && { id }),
    outputs: [{ name: output, shape: [data.length], datatype: datatypeOfOutput(served), data }],
  };
}

/** A prediction is a double even where the target is an integer: a model may predict between two. */
function datatypeOfOutput({ classes }: Pick<ServedModel, "classes">): "BYTES" | "FP64" {
  return classes === undefined ? "FP64" : "BYTES";
}
