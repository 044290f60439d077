import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { pythonDict } from "./python-dict.js";
import { RequestValidationError } from "./request-validation-error.js";
import * as fault from "./validation-detail.js";
import type { Location, ValidationDetail } from "./validation-detail.js";

/** The greatest float32: trees compare float32, and the original fails with 500 on anything greater. */
export const MAX_FLOAT32 = 3.4028234663852886e38;

/** At most so many faults of a batch are reported. */
const MAX_FAULTS = 100;

/** Gives the number a model takes for one field of a request, or the fault of that field. */
type FieldReader = (value: unknown, loc: Location) => number | ValidationDetail;

/**
 * Reads orders out of request bodies by the signature of one model.
 *
 * It stands in place of a JSON schema of the route, as the signature may change with every model, while requests are under way:
 * a request is read and predicted by one and the same model. It coerces nothing, unlike the original: null, " ", true and "100"
 * are no numbers.
 */
export class OrderReader {
  readonly #fields: readonly { name: string; read: FieldReader }[];

  /** @param features - The model's signature, in column order. */
  constructor(features: readonly Feature[]) {
    this.#fields = features.map((feature) => ({
      name: feature.name,
      read:
        feature.type === "category"
          ? categoryReader(feature.categories)
          : numberReader(feature.type === "number" ? feature : {}),
    }));
  }

  /**
   * Read one order.
   *
   * @param body - A parsed request body; undefined if the request had none.
   * @returns The model's row: one number a column; a category's index, a number rounded to float32.
   * @throws {RequestValidationError} With every fault of the order, in column order.
   */
  readOrder(body: unknown): number[] {
    if (body === undefined || body === null) throw new RequestValidationError([fault.missing(["body"])]);
    const faults: ValidationDetail[] = [];
    const row = this.#read(body, ["body"], faults);
    if (faults.length > 0) throw new RequestValidationError(faults);
    return row;
  }

  /**
   * Read an array of orders.
   *
   * @param body - A parsed request body; undefined if the request had none.
   * @param maxOrders - The greatest length allowed.
   * @param root - Where the array is, for error messages.
   * @throws {RequestValidationError} With the first faults of the batch, each naming its row by index, from 0.
   */
  readOrders(body: unknown, maxOrders: number, root: Location = ["body"]): number[][] {
    if (body === undefined || body === null) throw new RequestValidationError([fault.missing(root)]);
    if (!Array.isArray(body)) throw new RequestValidationError([fault.notAList(root)]);
    if (body.length > maxOrders) throw new RequestValidationError([fault.tooManyItems(root, maxOrders)]);
    const faults: ValidationDetail[] = [];
    const rows = body.map((order: unknown, index) => {
      const loc = [...root, index];
      if (order === null) faults.push(fault.noneNotAllowed(loc));
      return order === null || faults.length >= MAX_FAULTS ? [] : this.#read(order, loc, faults);
    });
    if (faults.length > 0) throw new RequestValidationError(faults.slice(0, MAX_FAULTS));
    return rows;
  }

  #read(order: unknown, loc: Location, faults: ValidationDetail[]): number[] {
    if (Array.isArray(order) || order === "") {
      // To the original, a text without characters is an array without items.
      faults.push(...this.#faultsOfArray(Array.from(order), loc));
      return [];
    }
    if (typeof order !== "object" || order === null) {
      faults.push(fault.notADict(loc));
      return [];
    }
    const row: number[] = [];
    for (const { name, read } of this.#fields) {
      const value = readField(
        Object.hasOwn(order, name) ? Reflect.get(order, name) : undefined,
        name,
        read,
        loc,
      );
      if (typeof value === "number") row.push(value);
      else faults.push(value);
    }
    return row;
  }

  /** The original coerces an array of pairs to an object and reports what is wrong with that; here it is wrong in any case. */
  #faultsOfArray(array: readonly unknown[], loc: Location): readonly ValidationDetail[] {
    const values = pythonDict(array);
    const faults = this.#fields
      .map(({ name, read }) => values && readField(values.get(name), name, read, loc))
      .filter((value) => typeof value === "object");
    return faults.length > 0 ? faults : [fault.notADict(loc)];
  }
}

function readField(
  value: unknown,
  name: string,
  read: FieldReader,
  loc: Location,
): number | ValidationDetail {
  const fieldLoc = [...loc, name];
  if (value === undefined) return fault.missing(fieldLoc);
  return value === null ? fault.noneNotAllowed(fieldLoc) : read(value, fieldLoc);
}

function categoryReader(categories: readonly string[]): FieldReader {
  const indices = new Map<unknown, number>(categories.map((category, index) => [category, index]));
  return (value, loc) => indices.get(value) ?? fault.notAMember(loc, categories);
}

function numberReader({ minimum, maximum }: { minimum?: number; maximum?: number }): FieldReader {
  const limit = Math.min(maximum ?? Infinity, MAX_FLOAT32);
  const least = Math.max(minimum ?? -Infinity, -MAX_FLOAT32);
  return (value, loc) => {
    if (typeof value !== "number") return fault.notAFloat(loc);
    if (value < least) return fault.belowMinimum(loc, least);
    return value > limit ? fault.aboveMaximum(loc, limit) : Math.fround(value);
  };
}
