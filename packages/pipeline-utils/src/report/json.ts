import { isJsonArray, isJsonObject } from "../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../aws/models/json-value.js";

/** Drawings leave room for sums and differences of two numbers, which must not overflow. */
const GREATEST_DRAWN = 1e300;

/** An object of untrusted JSON; empty if it is none. */
export function objectOf(json: JsonValue | undefined): JsonObject {
  return isJsonObject(json) ? json : {};
}

/** A number that can be drawn; undefined for anything else. */
export function numberOf(json: JsonValue | undefined): number | undefined {
  return typeof json === "number" && Math.abs(json) < GREATEST_DRAWN ? json : undefined;
}

/** At most so many items of an array; none if it is no array. */
export function itemsOf(json: JsonValue | undefined, most: number): readonly JsonValue[] {
  return isJsonArray(json) ? json.slice(0, most) : [];
}

/** The numbers among an object's values, at most so many. */
export function numbersOf(json: JsonValue | undefined, most: number): [name: string, value: number][] {
  return Object.entries(objectOf(json))
    .slice(0, most)
    .flatMap(([name, value]): [string, number][] => {
      const number = numberOf(value);
      return number === undefined ? [] : [[name, number]];
    });
}
