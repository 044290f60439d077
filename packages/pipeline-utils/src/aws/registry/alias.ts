import { FormatError } from "../../errors.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { isJsonObject, parseJson, showJson } from "../models/json-value.js";
import type { JsonObject, JsonValue } from "../models/json-value.js";
import { checkNamePrefix } from "../timestamped-key.js";
import { argumentError } from "../../argument-error.js";
import { ALIAS_RULE } from "./alias-name.js";

const FORMAT = "pipeline-utils/alias";
const FORMAT_VERSION = 1;

const REGISTRY_FOLDER = "registry";
const SEQUENCE_DIGITS = 12;

/** The model that an alias names: one object, to the byte. */
export interface NamedModel {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  /** Set if the bucket keeps versions. */
  readonly versionId?: string | undefined;
  /** Sha256 of all bytes of the file, in hex. */
  readonly sha256: string;
  /** MD5, in hex, of the canonical JSON of the model alone. Two trainings on one dataset may share it. */
  readonly modelHash: string;
}

/** Which model an alias such as `production` names, and who decided that. A line of the alias's log is the same. */
export interface Alias {
  /** Name of the models: `time-to-dispatch`. */
  readonly name: string;
  /** `production`. */
  readonly alias: string;
  /** Number of the move in the log, from 1. Every move has a greater one, though some numbers are never used. */
  readonly sequence: number;
  readonly model: NamedModel;
  /** The move before this one; undefined for the first. */
  readonly previous?: { readonly key: string; readonly sequence: number } | undefined;
  readonly actor: string;
  readonly reason: string;
  /** UTC. */
  readonly time: Date;
}

/** An alias as it is in the bucket. */
export interface StoredAlias extends Alias {
  /** ETag of the alias's own object, without quotes. */
  readonly etag: string;
}

/** Names one alias of a bucket. */
export interface AliasReference {
  readonly bucket: string;
  readonly name: string;
  readonly alias: string;
}

/**
 * Check the names of an alias, which become parts of keys.
 *
 * @throws {InvalidArtefactKeyError} The bucket or the model's name cannot be used.
 * @throws {TypeError} The alias is not 1 to 63 letters, digits, dots, hyphens and underscores.
 */
export function checkAlias({ bucket, name, alias }: AliasReference): void {
  checkNamePrefix(name);
  if (typeof alias !== "string" || !ALIAS_RULE.pattern.test(alias)) {
    throw argumentError("alias", alias, ALIAS_RULE.expected);
  }
  checkKey(checkBucket(bucket), aliasKey({ name, alias }));
}

/** The folder of all aliases of a model's name: `registry/time-to-dispatch/`. */
export function aliasFolder(name: string): string {
  return `${REGISTRY_FOLDER}/${name}/`;
}

/** The key of an alias: `registry/time-to-dispatch/production.json`. */
export function aliasKey({ name, alias }: Pick<AliasReference, "name" | "alias">): string {
  return `${aliasFolder(name)}${alias}.json`;
}

/** The folder of an alias's log: `registry/time-to-dispatch/log/production/`. */
export function logFolder({ name, alias }: Pick<AliasReference, "name" | "alias">): string {
  return `${aliasFolder(name)}log/${alias}/`;
}

/** The key of a line of the log. Its digits make the order of keys that of the numbers. */
export function logKey(of: Pick<AliasReference, "name" | "alias">, sequence: number): string {
  return `${logFolder(of)}${String(sequence).padStart(SEQUENCE_DIGITS, "0")}.json`;
}

/** The number in the key of a line; undefined for a key that is none. */
export function sequenceOf(key: string): number | undefined {
  const digits = /(?:^|\/)(\d{12})\.json$/.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Write an alias, or a line of its log. */
export function renderAlias({ name, alias, sequence, model, previous, actor, reason, time }: Alias): string {
  const written = { name, alias, sequence, model, previous, actor, reason, time: time.toISOString() };
  return `${JSON.stringify({ format: FORMAT, formatVersion: FORMAT_VERSION, ...written }, undefined, 2)}\n`;
}

/**
 * Parse an alias, or a line of its log, and check all of it.
 *
 * @throws {FormatError} The message names the field, its value and the expected one.
 */
export function parseAlias(bytes: Uint8Array, { bucket, key }: { bucket: string; key: string }): Alias {
  const address = addressOf(bucket, key);
  const file = parseObject(bytes, address);
  if (file.format !== FORMAT || file.formatVersion !== FORMAT_VERSION) {
    const found = `format ${showJson(file.format)}, version ${showJson(file.formatVersion)}`;
    throw new FormatError(`${address}: ${found}, expected "${FORMAT}", version ${FORMAT_VERSION}`);
  }
  const { previous } = file;
  const model = objectIn(file.model, `${address}: model`);
  const time = new Date(textIn(file, "time", address));
  if (Number.isNaN(time.getTime())) {
    throw new FormatError(`${address}: time is ${showJson(file.time)}, expected 2026-11-20T22:01:00.000Z`);
  }
  return {
    name: textIn(file, "name", address),
    alias: textIn(file, "alias", address),
    sequence: sequenceIn(file, address),
    model: {
      key: textIn(model, "key", `${address}: model`),
      etag: textIn(model, "etag", `${address}: model`),
      ...(model.versionId === undefined
        ? {}
        : { versionId: textIn(model, "versionId", `${address}: model`) }),
      sha256: textIn(model, "sha256", `${address}: model`),
      modelHash: textIn(model, "modelHash", `${address}: model`),
    },
    ...(previous === undefined ? {} : { previous: parsePrevious(previous, `${address}: previous`) }),
    actor: textIn(file, "actor", address),
    reason: textIn(file, "reason", address),
    time,
  };
}

function parsePrevious(value: JsonValue, where: string): NonNullable<Alias["previous"]> {
  const previous = objectIn(value, where);
  return { key: textIn(previous, "key", where), sequence: sequenceIn(previous, where) };
}

function parseObject(bytes: Uint8Array, address: string): JsonObject {
  try {
    const value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return objectIn(value, address);
  } catch (error) {
    if (error instanceof FormatError) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormatError(`${address}: not JSON: ${reason}`, { cause: error });
  }
}

function objectIn(value: JsonValue | undefined, where: string): JsonObject {
  if (isJsonObject(value)) {
    return value;
  }
  throw new FormatError(`${where} is ${showJson(value)}, expected an object`);
}

function textIn(object: JsonObject, field: string, where: string): string {
  const value = object[field];
  if (typeof value === "string" && value !== "") {
    return value;
  }
  throw new FormatError(`${where}: ${field} is ${showJson(value)}, expected text`);
}

function sequenceIn(object: JsonObject, where: string): number {
  const { sequence } = object;
  if (typeof sequence === "number" && Number.isSafeInteger(sequence) && sequence > 0) {
    return sequence;
  }
  throw new FormatError(`${where}: sequence is ${showJson(sequence)}, expected a whole number from 1`);
}
