import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { HttpError } from "../http-error.js";
import { inMessage } from "../in-message.js";
import { MAX_ORDERS } from "../model/forecaster.js";
import { propertyOf } from "../property-of.js";
import { rowsOfColumns } from "../rows-of-columns.js";

const NUMERIC = /^(?:FP16|BF16|FP32|FP64|U?INT(?:8|16|32|64))$/;

/**
 * Turn the inputs of an inference request, one tensor a feature, into orders, one object a row.
 *
 * @param body - What the client sent.
 * @returns The orders, their values as they were sent: they are read by the model's signature, as those of any request.
 * @throws {HttpError} 400, naming the tensor, the value and what was expected.
 * @see https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function readInputs(body: unknown, features: readonly Feature[]): Record<string, unknown>[] {
  const inputs = propertyOf(body, "inputs");
  if (!Array.isArray(inputs)) throw new HttpError(400, "inputs is missing, expected an array of tensors");
  const tensors: readonly unknown[] = inputs;
  const columns = features.map((feature): [string, unknown[]] => {
    const tensor = tensors.find((input) => propertyOf(input, "name") === feature.name);
    if (tensor === undefined) throw new HttpError(400, `inputs has no tensor named ${feature.name}`);
    return [feature.name, readTensor(tensor, feature)];
  });
  return rowsOfColumns(columns);
}

function readTensor(tensor: unknown, { name, type }: Feature): unknown[] {
  const datatype = inMessage(propertyOf(tensor, "datatype"));
  if (type === "category" ? datatype !== "BYTES" : !NUMERIC.test(datatype)) {
    const expected = type === "category" ? "BYTES" : "a numeric one, as FP64";
    throw new HttpError(400, `datatype of ${name} is ${datatype}, expected ${expected}`);
  }
  const shape = propertyOf(tensor, "shape");
  const size = Array.isArray(shape) ? sizeOf(shape) : NaN;
  if (Number.isNaN(size)) {
    throw new HttpError(400, `shape of ${name} is ${inMessage(shape)}, expected [n] or [n, 1]`);
  }
  if (size > MAX_ORDERS)
    throw new HttpError(400, `${name} has ${size} elements, expected at most ${MAX_ORDERS}`);
  const data = propertyOf(tensor, "data");
  // The data of a tensor may be nested by its shape.
  const flat: unknown[] = Array.isArray(data) ? data.flat(1) : [];
  if (!Array.isArray(data) || flat.length !== size) {
    throw new HttpError(400, `data of ${name} has ${flat.length} elements, expected ${size} by its shape`);
  }
  return flat;
}

/** The number of rows of a shape; NaN unless it is `[n]` or `[n, 1]`. */
function sizeOf(shape: readonly unknown[]): number {
  const [rows, columns = 1] = shape;
  const isColumn = shape.length >= 1 && shape.length <= 2 && columns === 1;
  return isColumn && typeof rows === "number" && Number.isInteger(rows) && rows >= 0 ? rows : NaN;
}
