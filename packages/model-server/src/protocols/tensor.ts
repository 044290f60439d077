import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { HttpError } from "../errors.js";
import { MAX_ROWS } from "../limits.js";
import { inMessage, propertyOf } from "../untrusted.js";

/** The answer to a request with binary tensors, or for some. */
export const NO_BINARY_DATA =
  "the binary tensor data extension is not supported: send and request tensors as JSON (tritonclient: binary_data=False)";

/**
 * The datatypes that a feature is taken in.
 *
 * FP16 and BF16 are not among them: KServe and Triton take these as binary data alone.
 */
const DATATYPES: Readonly<Record<Feature["type"], { pattern: RegExp; expected: string }>> = {
  category: { pattern: /^BYTES$/, expected: "BYTES" },
  boolean: { pattern: /^BOOL$/, expected: "BOOL" },
  number: { pattern: /^(?:FP32|FP64|U?INT(?:8|16|32|64))$/, expected: "FP64, FP32 or an integer type" },
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

/**
 * The values of a feature's tensor, one a row, as sent. The model's signature validates them later.
 *
 * @param tensor - One of a request's `inputs`.
 * @throws {HttpError} 400, naming the tensor, the value and what was expected.
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#request-input
 */
export function readTensor(tensor: unknown, { name, type }: Feature): readonly unknown[] {
  if (propertyOf(propertyOf(tensor, "parameters"), "binary_data_size") !== undefined) {
    throw new HttpError(400, NO_BINARY_DATA);
  }
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
  const values: readonly unknown[] = Array.isArray(data) ? data : [];
  if (!Array.isArray(data) || values.length !== size) {
    throw new HttpError(400, `data of ${name} has length ${values.length}, expected ${size} by its shape`);
  }
  const flat = Array.isArray(values[0]) ? flatten(values, name, shape) : values;
  checkIntegers(flat, name, datatype);
  return flat;
}

/** The number of rows of a shape; NaN unless it is `[n]` or `[n, 1]`. */
function sizeOf(shape: readonly unknown[]): number {
  const [rows, columns = 1] = shape;
  const isColumn = shape.length >= 1 && shape.length <= 2 && columns === 1;
  return isColumn && typeof rows === "number" && Number.isInteger(rows) && rows >= 0 ? rows : NaN;
}

/** The values of `[[1], [2]]`, as the shape `[2, 1]` may be written. */
function flatten(data: readonly unknown[], name: string, shape: unknown): unknown[] {
  const depth = Array.isArray(shape) ? shape.length : 0;
  return data.map((row, at) => {
    if (depth !== 2 || !Array.isArray(row) || row.length !== 1) {
      const expected = depth === 2 ? "an array of 1" : "a value";
      throw new HttpError(
        400,
        `data of ${name} at ${at} is ${kindOf(row)}, expected ${expected} by its shape`,
      );
    }
    const values: readonly unknown[] = row;
    return values[0];
  });
}

function kindOf(row: unknown): string {
  return Array.isArray(row) ? `an array of ${row.length}` : inMessage(row);
}

function checkIntegers(values: readonly unknown[], name: string, datatype: string): void {
  const [, unsigned, bits] = /^(U?)INT(\d+)$/.exec(datatype) ?? [];
  if (bits === undefined) {
    return;
  }
  const isSigned = unsigned === "";
  const least = isSigned ? -(2 ** (Number(bits) - 1)) : 0;
  // The greatest integer of 64 bits has no double of its own: parsed from JSON, it is the power of two.
  const greatest = 2 ** (Number(bits) - (isSigned ? 1 : 0)) - 1;
  const at = values.findIndex(
    (value) => !(Number.isInteger(value) && isWithin(Number(value), least, greatest)),
  );
  if (at !== -1) {
    const found = inMessage(values[at]);
    throw new HttpError(
      400,
      `data of ${name} at ${at} is ${found}, expected ${datatype} from ${least} to ${greatest}`,
    );
  }
}

const isWithin = (value: number, least: number, greatest: number): boolean =>
  value >= least && value <= greatest;
