/** Where in the request a fault is: names of fields, and indices of rows or of characters. */
export type Location = readonly (string | number)[];

/** One fault of a request, in the words of the original service (FastAPI 0.92, pydantic 1). */
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

export const belowMinimum = (loc: Location, minimum: number): ValidationDetail => ({
  loc,
  msg: `ensure this value is greater than or equal to ${pythonFloat(minimum)}`,
  type: "value_error.number.not_ge",
  ctx: { limit_value: minimum },
});

export const aboveMaximum = (loc: Location, maximum: number): ValidationDetail => ({
  loc,
  msg: `ensure this value is less than or equal to ${pythonFloat(maximum)}`,
  type: "value_error.number.not_le",
  ctx: { limit_value: maximum },
});

/** A number as Python prints a float: `0.0`, `1e+16`. */
function pythonFloat(value: number): string {
  if (Math.abs(value) >= 1e16) return value.toExponential();
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
