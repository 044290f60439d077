import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { HttpError } from "../errors.js";
import { MAX_FEATURES } from "../limits.js";
import type { TimeSlice } from "../time-slice.js";
import { inMessage, propertyOf } from "../untrusted.js";
import { rowsOfColumns } from "./columns.js";
import type { Column } from "./columns.js";
import { NO_BINARY_DATA, readTensor } from "./tensor.js";

/** A request for predictions in the Open Inference Protocol. */
interface InferenceRequest {
  /** The client's own name for the request, which the answer repeats. */
  readonly id: string | undefined;
  /** One object a row, with the values as sent. The model's signature validates them later. */
  readonly rows: Record<string, unknown>[];
}

/**
 * Read an inference request: one tensor for each feature. Tensors of other names are passed over.
 *
 * @param body - A parsed request body.
 * @param output - The name of the only output.
 * @throws {HttpError} 400, naming the tensor, the value and what was expected.
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference
 */
export async function readInferenceRequest(
  body: unknown,
  features: readonly Feature[],
  output: string,
  slice: TimeSlice,
): Promise<InferenceRequest> {
  const id = propertyOf(body, "id");
  if (id !== undefined && typeof id !== "string") {
    throw new HttpError(400, `id is ${inMessage(id)}, expected text`);
  }
  if (propertyOf(propertyOf(body, "parameters"), "binary_data_output") === true) {
    throw new HttpError(400, NO_BINARY_DATA);
  }
  checkOutputs(propertyOf(body, "outputs"), output);
  const tensors = tensorsByName(propertyOf(body, "inputs"));
  const columns = features.map((feature): Column => {
    const tensor = tensors.get(feature.name);
    if (tensor === undefined) {
      throw new HttpError(400, `inputs has no tensor named ${feature.name}`);
    }
    return [feature.name, readTensor(tensor, feature)];
  });
  return { id, rows: await rowsOfColumns(columns, slice) };
}

/** An empty list requests all outputs, as a missing one does. */
function checkOutputs(outputs: unknown, expected: string): void {
  if (outputs === undefined) {
    return;
  }
  if (!Array.isArray(outputs)) {
    throw new HttpError(400, `outputs is ${inMessage(outputs)}, expected an array`);
  }
  if (outputs.length > 1) {
    throw new HttpError(400, `outputs names ${outputs.length} tensors, the only output is ${expected}`);
  }
  for (const output of outputs) {
    const name = propertyOf(output, "name");
    if (name !== expected) {
      throw new HttpError(400, `outputs names ${inMessage(name)}, the only output is ${expected}`);
    }
    if (propertyOf(propertyOf(output, "parameters"), "binary_data") === true) {
      throw new HttpError(400, NO_BINARY_DATA);
    }
  }
}

function tensorsByName(inputs: unknown): Map<unknown, unknown> {
  if (!Array.isArray(inputs)) {
    throw new HttpError(400, "inputs is missing, expected an array of tensors");
  }
  if (inputs.length > MAX_FEATURES) {
    throw new HttpError(400, `inputs has ${inputs.length} tensors, expected at most ${MAX_FEATURES}`);
  }
  const tensors = new Map<unknown, unknown>();
  for (const [index, tensor] of inputs.entries()) {
    const name = propertyOf(tensor, "name");
    if (typeof name !== "string") {
      throw new HttpError(400, `name of inputs[${index}] is ${inMessage(name)}, expected text`);
    }
    if (tensors.has(name)) {
      throw new HttpError(400, `inputs has two tensors named ${inMessage(name)}`);
    }
    tensors.set(name, tensor);
  }
  return tensors;
}
