import { ModelIntegrityError } from "../../errors.js";
import { isJsonArray, isJsonObject, showJson } from "./json-value.js";
import type { JsonObject, JsonValue } from "./json-value.js";

/** A feature of a few known values; a row holds the value's index in `categories`. */
export interface CategoryFeature {
  readonly name: string;
  readonly type: "category";
  readonly categories: readonly string[];
}

/** A numeric feature, within bounds where they are given. */
export interface NumberFeature {
  readonly name: string;
  readonly type: "number";
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One column of a model's input; a model's features stand in column order. */
export type Feature = CategoryFeature | NumberFeature;

/**
 * Check a model's signature, from its file or from its maker.
 *
 * @param where - Address or name of the model, for messages.
 * @throws {ModelIntegrityError} Not an array of features with different names and different categories, or bounds that cross.
 */
export function checkFeatures(value: JsonValue | undefined, where: string): readonly Feature[] {
  if (!isJsonArray(value)) throw new ModelIntegrityError(`${where}: features is not an array`);
  const features = value.map((item, i) => checkFeature(item, `${where}: features[${i}]`));
  const names = features.map(({ name }) => name);
  const twice = firstDuplicate(names);
  if (twice !== undefined)
    throw new ModelIntegrityError(`${where}: two features are named ${JSON.stringify(twice)}`);
  return Object.freeze(features);
}

function checkFeature(item: JsonValue, where: string): Feature {
  if (!isJsonObject(item)) throw new ModelIntegrityError(`${where} is not an object`);
  const name = item.name;
  if (typeof name !== "string" || name === "") throw new ModelIntegrityError(`${where} has no name`);
  switch (item.type) {
    case "category":
      return Object.freeze({ name, type: "category", categories: checkCategories(item, where) });
    case "number": {
      const minimum = checkBound(item, "minimum", where);
      const maximum = checkBound(item, "maximum", where);
      if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
        throw new ModelIntegrityError(`${where}: minimum ${minimum} is above maximum ${maximum}`);
      }
      return Object.freeze({
        name,
        type: "number",
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      });
    }
    default:
      throw new ModelIntegrityError(
        `${where}: type is ${showJson(item.type)}, expected "category" or "number"`,
      );
  }
}

function checkCategories({ categories }: JsonObject, where: string): readonly string[] {
  const items = isJsonArray(categories) ? categories : [];
  const names = items.filter((item) => typeof item === "string");
  if (names.length === 0 || names.length !== items.length) {
    throw new ModelIntegrityError(`${where}: categories is not an array of at least one string`);
  }
  const twice = firstDuplicate(names);
  if (twice !== undefined)
    throw new ModelIntegrityError(`${where}: category ${JSON.stringify(twice)} is there twice`);
  return Object.freeze(names);
}

function checkBound(feature: JsonObject, bound: "minimum" | "maximum", where: string): number | undefined {
  const value = feature[bound];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new ModelIntegrityError(`${where}: ${bound} is ${showJson(value)}, expected a number`);
  }
  return value;
}

function firstDuplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
