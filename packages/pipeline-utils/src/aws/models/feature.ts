import { ModelIntegrityError } from "../../errors.js";
import { isJsonArray, isJsonObject, showJson } from "./json-value.js";
import type { JsonObject, JsonValue } from "./json-value.js";

/**
 * The greatest 32-bit float. Trees compare features as 32-bit floats, as scikit-learn does, so they cannot hold greater
 * numbers.
 *
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.tree.DecisionTreeRegressor.html
 */
export const MAX_FLOAT32 = 3.4028234663852886e38;

/** Texts that describe a column to users. */
interface FeatureText {
  readonly name: string;
  /** One sentence, shown in the API's documentation and on the page. */
  readonly description?: string;
  /** The unit of the values, such as `hours`. */
  readonly unit?: string;
}

/** A feature of a few known values; a row holds the value's index in `categories`. */
export interface CategoryFeature extends FeatureText {
  readonly type: "category";
  readonly categories: readonly string[];
}

/** A numeric feature, optionally with bounds. The bounds are allowed values. */
export interface NumberFeature extends FeatureText {
  readonly type: "number";
  readonly minimum?: number;
  readonly maximum?: number;
  /** Whether only whole numbers are allowed. Default: false. */
  readonly integer?: boolean;
}

/** A feature that is true or false; a row holds 1 or 0. */
export interface BooleanFeature extends FeatureText {
  readonly type: "boolean";
}

/** One column of a model's input. A model lists its features in column order. */
export type Feature = CategoryFeature | NumberFeature | BooleanFeature;

/** The output of a model: a number or a class. The classes are its `categories`. */
export type Target = CategoryFeature | NumberFeature;

/** How to treat unknown keys of a feature. A file may contain keys that a newer version wrote. */
export type UnknownKeys = "reject" | "keep";

const TEXT_KEYS = ["name", "type", "description", "unit"];
const KNOWN_KEYS: Readonly<Record<Feature["type"], readonly string[]>> = {
  category: [...TEXT_KEYS, "categories"],
  number: [...TEXT_KEYS, "minimum", "maximum", "integer"],
  boolean: TEXT_KEYS,
};

/**
 * Check a model's features, from its file or from a caller.
 *
 * @param where - Address or name of the model, for messages.
 * @throws {ModelIntegrityError} The value is not an array of valid features, a name or category occurs twice, or a
 *   minimum is above its maximum.
 */
export function checkFeatures(
  value: JsonValue | undefined,
  where: string,
  unknownKeys: UnknownKeys,
): readonly Feature[] {
  if (!isJsonArray(value)) {
    throw new ModelIntegrityError(`${where}: features is not an array`);
  }
  const features = value.map((item, i) => checkFeature(item, `${where}: features[${i}]`, unknownKeys));
  const twice = firstDuplicate(features.map(({ name }) => name));
  if (twice !== undefined) {
    throw new ModelIntegrityError(`${where}: two features are named ${JSON.stringify(twice)}`);
  }
  return Object.freeze(features);
}

/**
 * Check a model's target. Parameters are those of {@link checkFeatures}.
 *
 * @throws {ModelIntegrityError} Also for a boolean target; use a category with two classes instead.
 */
export function checkTarget(value: JsonValue, where: string, unknownKeys: UnknownKeys): Target {
  const target = checkFeature(value, `${where}: target`, unknownKeys);
  if (target.type !== "boolean") {
    return target;
  }
  throw new ModelIntegrityError(
    `${where}: target: type is "boolean", expected "number", or "category" with two categories`,
  );
}

function checkFeature(item: JsonValue, where: string, unknownKeys: UnknownKeys): Feature {
  if (!isJsonObject(item)) {
    throw new ModelIntegrityError(`${where} is not an object`);
  }
  const { name, type } = item;
  if (typeof name !== "string" || name === "") {
    throw new ModelIntegrityError(`${where} has no name`);
  }
  if (type !== "category" && type !== "number" && type !== "boolean") {
    throw new ModelIntegrityError(
      `${where}: type is ${showJson(type)}, expected "category", "number" or "boolean"`,
    );
  }
  const others = Object.entries(item).filter(([key]) => !KNOWN_KEYS[type].includes(key));
  const [unknown] = others;
  if (unknown !== undefined && unknownKeys === "reject") {
    throw new ModelIntegrityError(
      `${where}: ${JSON.stringify(unknown[0])} is unknown, expected ${KNOWN_KEYS[type].join(", ")}`,
    );
  }
  const text = { ...optionalText(item, "description", where), ...optionalText(item, "unit", where) };
  const kept = Object.fromEntries(others);
  switch (type) {
    case "boolean":
      return Object.freeze({ name, type, ...text, ...kept });
    case "category":
      return Object.freeze({ name, type, categories: checkCategories(item, where), ...text, ...kept });
    case "number":
      return Object.freeze({ name, type, ...checkNumber(item, where), ...text, ...kept });
  }
}

function optionalText(item: JsonObject, key: "description" | "unit", where: string): object {
  const value = item[key];
  if (value === undefined) {
    return {};
  }
  if (typeof value !== "string") {
    throw new ModelIntegrityError(`${where}: ${key} is ${showJson(value)}, expected text`);
  }
  return { [key]: value };
}

function checkNumber(item: JsonObject, where: string): Omit<NumberFeature, "name" | "type"> {
  const minimum = checkBound(item, "minimum", where);
  const maximum = checkBound(item, "maximum", where);
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    throw new ModelIntegrityError(`${where}: minimum ${minimum} is above maximum ${maximum}`);
  }
  const { integer } = item;
  if (integer !== undefined && typeof integer !== "boolean") {
    throw new ModelIntegrityError(`${where}: integer is ${showJson(integer)}, expected true or false`);
  }
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(integer === undefined ? {} : { integer }),
  };
}

function checkCategories({ categories }: JsonObject, where: string): readonly string[] {
  const items = isJsonArray(categories) ? categories : [];
  const names = items.filter((item) => typeof item === "string");
  if (names.length === 0 || names.length !== items.length) {
    throw new ModelIntegrityError(`${where}: categories is not an array of at least one string`);
  }
  const twice = firstDuplicate(names);
  if (twice !== undefined) {
    throw new ModelIntegrityError(`${where}: category ${JSON.stringify(twice)} appears twice`);
  }
  return Object.freeze(names);
}

function checkBound(feature: JsonObject, bound: "minimum" | "maximum", where: string): number | undefined {
  const value = feature[bound];
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new ModelIntegrityError(`${where}: ${bound} is ${showJson(value)}, expected a number`);
  }
  return value;
}

function firstDuplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
