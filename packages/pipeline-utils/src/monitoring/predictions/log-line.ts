import { FormatError } from "../../errors.js";
import { isJsonObject, parseJson, showJson } from "../../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../../aws/models/json-value.js";

/** The value of one input: a category by its name; null if the request had none. */
export type InputValue = string | number | boolean | null;

/** One row of the log. */
export interface PredictionRow {
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  /** Id of the request. The rows of a batch share it. */
  readonly id: string;
  readonly modelKey: string;
  readonly modelHash: string;
  readonly inputs: ReadonlyMap<string, InputValue>;
  /** A number, or a class by its name. */
  readonly prediction: number | string;
}

/** Times as the log writes them. JavaScript reads some other forms as local time. */
const UTC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * Parse one line of the log.
 *
 * @param where - Address and number of the line, for messages.
 * @throws {FormatError} The line is no JSON object, or a field is missing or of another type.
 */
export function parseLine(line: string, where: string): PredictionRow {
  const row = parseObject(line, where);
  const { inputs, prediction } = row;
  if (!isJsonObject(inputs)) {
    throw new FormatError(`${where}: inputs is ${showJson(inputs)}, expected an object`);
  }
  if (!isFiniteNumber(prediction) && typeof prediction !== "string") {
    throw new FormatError(`${where}: prediction is ${showJson(prediction)}, expected a number or text`);
  }
  const values = Object.entries(inputs).map(([name, value]): [string, InputValue] => [
    name,
    checkInput(value, `${where}: input ${JSON.stringify(name)}`),
  ]);
  return {
    time: timeIn(row, where),
    id: textIn(row, "id", where),
    modelKey: textIn(row, "model_key", where),
    modelHash: textIn(row, "model_hash", where),
    inputs: new Map(values),
    prediction,
  };
}

function parseObject(line: string, where: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormatError(`${where}: not JSON: ${reason}`, { cause: error });
  }
  if (isJsonObject(value)) {
    return value;
  }
  throw new FormatError(`${where}: ${showJson(value)} is no JSON object`);
}

function timeIn(row: JsonObject, where: string): number {
  const { time } = row;
  const parsed = typeof time === "string" && UTC_TIME.test(time) ? Date.parse(time) : NaN;
  if (Number.isNaN(parsed)) {
    throw new FormatError(`${where}: time is ${showJson(time)}, expected the form 2021-07-04T13:30:00.000Z`);
  }
  return parsed;
}

function textIn(row: JsonObject, field: string, where: string): string {
  const value = row[field];
  if (typeof value === "string") {
    return value;
  }
  throw new FormatError(`${where}: ${field} is ${showJson(value)}, expected text`);
}

function checkInput(value: JsonValue, where: string): InputValue {
  if (value === null || typeof value === "string" || typeof value === "boolean" || isFiniteNumber(value)) {
    return value;
  }
  throw new FormatError(`${where} is ${showJson(value)}, expected a number, text, true, false or null`);
}

function isFiniteNumber(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
