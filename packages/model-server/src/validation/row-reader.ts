import { MAX_FLOAT32 } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { RequestValidationError } from "../errors.js";
import type { TimeSlice } from "../time-slice.js";
import * as fault from "./validation-detail.js";
import type { Location, ValidationDetail } from "./validation-detail.js";

/** The most faults of a batch that are reported. */
const MAX_FAULTS = 100;

/** Gives the number a model takes for one field of a request, or the fault of that field. */
type FieldReader = (value: unknown, loc: Location) => number | ValidationDetail;

/**
 * Reads rows out of request bodies by the signature of one model.
 *
 * It stands in place of a JSON schema of the route, because the signature may change with every model while requests are under way.
 * One and the same model reads and predicts a request. Nothing is coerced, unlike in FastAPI: null, " ", true and "100" are no
 * numbers.
 */
export class RowReader {
  /** The names of the features. */
  readonly names: ReadonlySet<string>;
  readonly #fields: readonly { name: string; read: FieldReader }[];

  /** @param features - The model's signature, in column order. */
  constructor(features: readonly Feature[]) {
    this.names = new Set(features.map(({ name }) => name));
    this.#fields = features.map((feature) => ({ name: feature.name, read: readerOf(feature) }));
  }

  /**
   * Read one row.
   *
   * @param body - A parsed request body; undefined if the request had none.
   * @returns One number a feature: a category's index, 0 or 1 for a boolean.
   * @throws {RequestValidationError} With every fault of the row, in column order.
   */
  readRow(body: unknown): number[] {
    if (body === undefined || body === null) {
      throw new RequestValidationError([fault.missing(["body"])]);
    }
    const faults: ValidationDetail[] = [];
    const row = this.#read(body, ["body"], faults);
    if (faults.length > 0) {
      throw new RequestValidationError(faults);
    }
    return row;
  }

  /**
   * Read an array of rows, in slices.
   *
   * @param body - A parsed request body; undefined if the request had none.
   * @param maxRows - The greatest length allowed.
   * @param root - Where the array is, for error messages.
   * @throws {RequestValidationError} With the first faults of the batch. Each names its row by index, from 0.
   */
  async readRows(
    body: unknown,
    maxRows: number,
    slice: TimeSlice,
    root: Location = ["body"],
  ): Promise<number[][]> {
    if (body === undefined || body === null) {
      throw new RequestValidationError([fault.missing(root)]);
    }
    if (!Array.isArray(body)) {
      throw new RequestValidationError([fault.notAList(root)]);
    }
    if (body.length > maxRows) {
      throw new RequestValidationError([fault.tooManyItems(root, maxRows)]);
    }
    const faults: ValidationDetail[] = [];
    const rows: number[][] = [];
    for (const [index, row] of body.entries()) {
      const loc = [...root, index];
      if (row === null) {
        faults.push(fault.noneNotAllowed(loc));
      } else {
        rows.push(this.#read(row, loc, faults));
      }
      if (faults.length >= MAX_FAULTS) {
        break;
      }
      if (slice.isOver) {
        await slice.pause();
      }
    }
    if (faults.length > 0) {
      throw new RequestValidationError(faults.slice(0, MAX_FAULTS));
    }
    return rows;
  }

  #read(given: unknown, loc: Location, faults: ValidationDetail[]): number[] {
    // To FastAPI, an empty array or text is an object without fields.
    const input = given === "" || (Array.isArray(given) && given.length === 0) ? {} : given;
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      faults.push(fault.notADict(loc));
      return [];
    }
    const row: number[] = [];
    for (const { name, read } of this.#fields) {
      const value: unknown = Object.hasOwn(input, name) ? Reflect.get(input, name) : undefined;
      const result = readField(value, name, read, loc);
      if (typeof result === "number") {
        row.push(result);
      } else {
        faults.push(result);
      }
    }
    return row;
  }
}

function readField(
  value: unknown,
  name: string,
  read: FieldReader,
  loc: Location,
): number | ValidationDetail {
  const fieldLoc = [...loc, name];
  if (value === undefined) {
    return fault.missing(fieldLoc);
  }
  return value === null ? fault.noneNotAllowed(fieldLoc) : read(value, fieldLoc);
}

function readerOf(feature: Feature): FieldReader {
  switch (feature.type) {
    case "category":
      return categoryReader(feature.categories);
    case "boolean":
      return (value, loc) => (typeof value === "boolean" ? Number(value) : fault.notABoolean(loc));
    case "number":
      return numberReader(feature);
  }
}

function categoryReader(categories: readonly string[]): FieldReader {
  const indices = new Map<unknown, number>(categories.map((category, index) => [category, index]));
  return (value, loc) => indices.get(value) ?? fault.notAMember(loc, categories);
}

function numberReader({
  minimum,
  maximum,
  integer = false,
}: Extract<Feature, { type: "number" }>): FieldReader {
  // The original fails with 500 on greater numbers.
  const limit = Math.min(maximum ?? Infinity, MAX_FLOAT32);
  const least = Math.max(minimum ?? -Infinity, -MAX_FLOAT32);
  return (value, loc) => {
    if (typeof value !== "number") {
      return integer ? fault.notAnInteger(loc) : fault.notAFloat(loc);
    }
    if (integer && !Number.isInteger(value)) {
      return fault.notAnInteger(loc);
    }
    if (value < least) {
      return fault.belowMinimum(loc, least, integer);
    }
    return value > limit ? fault.aboveMaximum(loc, limit, integer) : value;
  };
}
