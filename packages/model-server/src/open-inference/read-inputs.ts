import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { HttpError } from "../errors.js";
import { MAX_FEATURES, MAX_ROWS } from "../limits.js";
import type { TimeSlice } from "../time-slice.js";
import { inMessage, propertyOf } from "../untrusted.js";

/**
 * Turn the inputs of an inference request, one tensor a feature, into inputs, one object a row.
 *
 * @param body - A parsed request body.
 * @returns The inputs, with the values as sent. The model's signature validates them later.
 * @throws {HttpError} 400, naming the tensor, the value and what was expected.
 * @see https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export async function readInputs(
  body: unknown,
  features: readonly Feature[],
  slice: TimeSlice,
): Promise<Record<string, unknown>[]> {
  const inputs = propertyOf(body, "inputs");
  if (!Array.isArray(inputs)) {
    throw new HttpError(400, "inputs is missing, expected an array of tensors");
  }
  if (inputs.length > MAX_FEATURES) {
    throw new HttpError(400, `inputs has ${inputs.length} tensors, expected at most ${MAX_FEATURES}`);
  }
  // Backwards, so that of tensors of one name the first counts.
  const tensors = new Map(
    inputs.map((input: unknown) => [propertyOf(input, "name"), input] as const).reverse(),
  );
  const columns = features.map((feature): [string, unknown[]] => {
    const tensor = tensors.get(feature.name);
    if (tensor === undefined) {
      throw new HttpError(400, `inputs has no tensor named ${feature.name}`);
    }
    return [feature.name, readTensor(tensor, feature)];
  });
  return rowsOfColumns(columns, slice);
}

/** The datatypes that a feature is taken in. */
const DATATYPES: Readonly<Record<Feature["type"], { pattern: RegExp; expected: string }>> = {
  category: { pattern: /^BYTES$/, expected: "BYTES" },
  boolean: { pattern: /^BOOL$/, expected: "BOOL" },
  number: { pattern: /^(?:FP16|BF16|FP32|FP64|U?INT(?:8|16|32|64))$/, expected: "a numeric one, as FP64" },
};

/** The type of a column in the Open Inference Protocol. */
export function datatypeOf(column: Feature): "BYTES" | "BOOL" | "INT64" | "FP64" {
  switch (column.type) {
    case "category":
      return "BYTES";
    case "boolean":
      return "BOOL";
    case "number":
      return column.integer === true ? "INT64" : "FP64";
  }
}

function readTensor(tensor: unknown, { name, type }: Feature): unknown[] {
  const datatype = inMessage(propertyOf(tensor, "datatype"));
  const { pattern, expected } = DATATYPES[type];
  if (!pattern.test(datatype)) {
    throw new HttpError(400, `datatype of ${name} is ${datatype}, expected ${expected}`);
  }
  const shape = propertyOf(tensor, "shape");
  const size = Array.isArray(shape) ? sizeOf(shape) : NaN;
  if (Number.isNaN(size)) {
    throw new HttpError(400, `shape of ${name} is ${inMessage(shape)}, expected [n] or [n, 1]`);
  }
  if (size > MAX_ROWS) {
    throw new HttpError(400, `${name} has ${size} elements, expected at most ${MAX_ROWS}`);
  }
  const data = propertyOf(tensor, "data");
  // The data of a tensor may be nested by its shape.
  const flat: unknown[] = Array.isArray(data) ? data.flat(1) : [];
  if (!Array.isArray(data) || flat.length !== size) {
    throw new HttpError(400, `data of ${name} has length ${flat.length}, expected ${size} by its shape`);
  }
  return flat;
}

/** The number of rows of a shape; NaN unless it is `[n]` or `[n, 1]`. */
function sizeOf(shape: readonly unknown[]): number {
  const [rows, columns = 1] = shape;
  const isColumn = shape.length >= 1 && shape.length <= 2 && columns === 1;
  return isColumn && typeof rows === "number" && Number.isInteger(rows) && rows >= 0 ? rows : NaN;
}

/**
 * Turn columns into rows, one object each, in slices.
 *
 * @throws {HttpError} 400, if they are not of the same length, or too long.
 */
export async function rowsOfColumns(
  columns: readonly (readonly [name: string, values: readonly unknown[]])[],
  slice: TimeSlice,
): Promise<Record<string, unknown>[]> {
  const [firstName = "", { length } = []] = columns[0] ?? [];
  if (length > MAX_ROWS) {
    throw new HttpError(400, `${firstName} has length ${length}, expected at most ${MAX_ROWS}`);
  }
  for (const [name, values] of columns) {
    if (values.length === length) {
      continue;
    }
    const lengths = `${firstName} has length ${length}, ${name} has length ${values.length}`;
    throw new HttpError(400, `inputs are not of one length: ${lengths}`);
  }
  const rows: Record<string, unknown>[] = [];
  for (let row = 0; row < length; row += 1) {
    rows.push(Object.fromEntries(columns.map(([name, values]): [string, unknown] => [name, values[row]])));
    if (slice.isOver) {
      await slice.pause();
    }
  }
  return rows;
}
