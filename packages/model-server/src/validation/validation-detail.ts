/** Where in the request a fault is: names of fields, and indices of rows or characters. */
export type Location = readonly (string | number)[];

/** One fault of a request, in the words of FastAPI 0.92 and pydantic 1. */
export interface ValidationDetail {
  loc: Location;
  msg: string;
  type: string;
  ctx?: Readonly<Record<string, unknown>>;
}

export const missing = (loc: Location): ValidationDetail => ({
  loc,
  msg: "field required",
  type: "value_error.missing",
});

export const noneNotAllowed = (loc: Location): ValidationDetail => ({
  loc,
  msg: "none is not an allowed value",
  type: "type_error.none.not_allowed",
});

export const notADict = (loc: Location): ValidationDetail => ({
  loc,
  msg: "value is not a valid dict",
  type: "type_error.dict",
});

export const notAList = (loc: Location): ValidationDetail => ({
  loc,
  msg: "value is not a valid list",
  type: "type_error.list",
});

export const tooManyItems = (loc: Location, limit: number): ValidationDetail => ({
  loc,
  msg: `ensure this value has at most ${limit} items`,
  type: "value_error.list.max_items",
  ctx: { limit_value: limit },
});

export const notAMember = (loc: Location, members: readonly string[]): ValidationDetail => ({
  loc,
  msg: `value is not a valid enumeration member; permitted: ${members.map((member) => `'${member}'`).join(", ")}`,
  type: "type_error.enum",
  ctx: { enum_values: members },
});

export const notAFloat = (loc: Location): ValidationDetail => ({
  loc,
  msg: "value is not a valid float",
  type: "type_error.float",
});

export const notAnInteger = (loc: Location): ValidationDetail => ({
  loc,
  msg: "value is not a valid integer",
  type: "type_error.integer",
});

export const notABoolean = (loc: Location): ValidationDetail => ({
  loc,
  msg: "value could not be parsed to a boolean",
  type: "type_error.bool",
});

/**
 * A body that is no JSON.
 *
 * @param error - Of `JSON.parse`.
 */
export function notJson(error: unknown): ValidationDetail {
  const reason = error instanceof Error ? error.message : String(error);
  // V8 names a position for most faults, in UTF-16 units from 0.
  const [, position] = /at position (\d+)/.exec(reason) ?? [];
  return {
    loc: position === undefined ? ["body"] : ["body", Number(position)],
    msg: `the body is not JSON: ${reason}`,
    type: "value_error.jsondecode",
  };
}

export const belowMinimum = (loc: Location, minimum: number, integer: boolean): ValidationDetail => ({
  loc,
  msg: `ensure this value is greater than or equal to ${pythonNumber(minimum, integer)}`,
  type: "value_error.number.not_ge",
  ctx: { limit_value: minimum },
});

export const aboveMaximum = (loc: Location, maximum: number, integer: boolean): ValidationDetail => ({
  loc,
  msg: `ensure this value is less than or equal to ${pythonNumber(maximum, integer)}`,
  type: "value_error.number.not_le",
  ctx: { limit_value: maximum },
});

/** A number as Python prints it: a float as `0.0` or `1e+16`, an int as `0`. */
function pythonNumber(value: number, integer: boolean): string {
  if (Math.abs(value) >= 1e16) {
    return value.toExponential();
  }
  return Number.isInteger(value) && !integer ? `${value}.0` : String(value);
}
