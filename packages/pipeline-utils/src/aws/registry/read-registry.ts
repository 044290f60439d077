import type { S3Client } from "@aws-sdk/client-s3";

import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ArtefactNotFoundError } from "../../errors.js";
import { readAll } from "../artefacts/get/body.js";
import { getObject } from "../artefacts/get/get-object.js";
import { isNotModified } from "../artefacts/get/open-body.js";
import { clientOf } from "../artefacts/headers.js";
import { listAll, s3Lister } from "../artefacts/lister.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import { aliasFolder, aliasKey, checkAlias, logFolder, logKey, parseAlias, sequenceOf } from "./alias.js";
import type { Alias, AliasReference, StoredAlias } from "./alias.js";
import { mapBounded } from "./map-bounded.js";

/** How to call the server. */
export interface RegistryCall {
  readonly client: S3Client;
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link getAlias}. */
export interface GetAliasOptions extends S3CallOptions {
  /**
   * The alias as it was read before. If it has not moved since, the call returns this very object, and S3 sends no
   * body.
   */
  readonly known?: StoredAlias | undefined;
}

/**
 * Get an alias: which model it names, since when, who decided that, and why. This is one GET request.
 *
 * @param name - Name of the models: `time-to-dispatch`.
 * @param alias - `production`.
 * @returns undefined if there is no such alias yet.
 * @throws {FormatError} The object at the alias's key is no alias.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function getAlias(
  bucket: string,
  name: string,
  alias: string,
  options: GetAliasOptions = {},
): Promise<StoredAlias | undefined> {
  checkOptions(options, { known: "object", ...S3_CALL_OPTIONS });
  const reference = { bucket, name, alias };
  checkAlias(reference);
  const { known, signal } = options;
  return readMove(bucket, aliasKey(reference), { client: clientOf(options), signal }, known);
}

/** Read an alias whose names are checked; undefined if there is none. */
export async function readAlias(
  reference: AliasReference,
  call: RegistryCall,
): Promise<StoredAlias | undefined> {
  return readMove(reference.bucket, aliasKey(reference), call);
}

/** Read an alias or a line of a log; undefined if the object does not exist. */
async function readMove(
  bucket: string,
  key: string,
  call: RegistryCall,
  known?: StoredAlias,
): Promise<StoredAlias | undefined> {
  try {
    const body = await getObject({ bucket, key, ifNoneMatch: known?.etag }, call);
    return { ...parseAlias(await readAll(body), { bucket, key }), etag: body.etag };
  } catch (error) {
    if (isNotModified(error)) {
      return known;
    }
    if (error instanceof ArtefactNotFoundError) {
      return undefined;
    }
    throw error;
  }
}

/** Read one line of a log; undefined if there is none of that number. */
export async function readLogLine(
  reference: AliasReference,
  sequence: number,
  call: RegistryCall,
): Promise<Alias | undefined> {
  return readMove(reference.bucket, logKey(reference, sequence), call);
}

/**
 * List the numbers of a log's lines, ascending.
 *
 * @param after - Only greater ones.
 */
export async function listSequences(
  reference: AliasReference,
  after: number,
  { client, signal }: RegistryCall,
): Promise<number[]> {
  const { objects } = await listAll(s3Lister(client, reference.bucket, signal), {
    prefix: logFolder(reference),
    startAfter: logKey(reference, after),
  });
  return objects.flatMap(({ key }) => sequenceOf(key) ?? []);
}

/**
 * Read all aliases of a model's name, by the order of their names.
 *
 * @throws {FormatError} An object in the folder is no alias.
 */
export async function readAliases(bucket: string, name: string, call: RegistryCall): Promise<StoredAlias[]> {
  const folder = aliasFolder(name);
  const { objects } = await listAll(s3Lister(call.client, bucket, call.signal), {
    prefix: folder,
    delimiter: "/",
  });
  const keys = objects.map(({ key }) => key).filter((key) => key.endsWith(".json"));
  const aliases = await mapBounded(keys, (key) => readMove(bucket, key, call));
  return aliases.filter((alias) => alias !== undefined);
}

/** List the names of all aliases that have a log. One without an alias is of a first promotion that was cut off. */
export async function listLogs(
  bucket: string,
  name: string,
  { client, signal }: RegistryCall,
): Promise<string[]> {
  const prefix = `${aliasFolder(name)}log/`;
  const { commonPrefixes } = await listAll(s3Lister(client, bucket, signal), { prefix, delimiter: "/" });
  return commonPrefixes.map((folder) => folder.slice(prefix.length, -1));
}

/** One line of an alias's log. */
export interface AliasHistoryEntry extends Alias {
  /**
   * Whether the alias moved. A line is written before its move, so a line that lost against another writer, or whose
   * writer was killed, was not carried out.
   */
  readonly carriedOut: boolean;
}

/** Options of {@link listAliasHistory}. */
export interface AliasHistoryOptions extends S3CallOptions {
  /** Only the latest lines, at most so many. Default: all. */
  readonly limit?: number | undefined;
}

const HISTORY_OPTIONS: OptionKinds<AliasHistoryOptions> = { limit: "number", ...S3_CALL_OPTIONS };

/**
 * List an alias's log, newest first: every move with who, when, why, from and to.
 *
 * @throws {FormatError} The alias or a line of its log is malformed.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function listAliasHistory(
  bucket: string,
  name: string,
  alias: string,
  options: AliasHistoryOptions = {},
): Promise<AliasHistoryEntry[]> {
  checkOptions(options, HISTORY_OPTIONS);
  const reference = { bucket, name, alias };
  checkAlias(reference);
  const call = { client: clientOf(options), signal: options.signal };
  // The alias first: a move between the two requests is then a line above it, and shown as not carried out yet.
  const current = await readAlias(reference, call);
  const sequences = (await listSequences(reference, 0, call)).reverse().slice(0, options.limit);
  const lines = await mapBounded(sequences, (sequence) => readLogLine(reference, sequence, call));
  return markCarriedOut(
    lines.filter((line) => line !== undefined),
    current,
  );
}

/**
 * Mark the lines that were moves: those that the alias names, or that a later move names as the one before it.
 *
 * @param lines - Newest first, without gaps.
 */
export function markCarriedOut(lines: readonly Alias[], current: Alias | undefined): AliasHistoryEntry[] {
  let expected = current?.sequence;
  return lines.map((line) => {
    const { name, alias, sequence, model, previous, actor, reason, time } = line;
    const carriedOut = sequence === expected;
    expected = carriedOut ? previous?.sequence : expected;
    return { name, alias, sequence, model, previous, actor, reason, time, carriedOut };
  });
}
