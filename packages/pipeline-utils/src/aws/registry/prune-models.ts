import { DeleteObjectCommand } from "@aws-sdk/client-s3";

import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { callS3 } from "../artefacts/call-s3.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket } from "../artefacts/location.js";
import { S3_CALL_OPTIONS } from "../artefacts/options.js";
import type { S3CallOptions } from "../artefacts/options.js";
import { checkNamePrefix } from "../timestamped-key.js";
import { listModelFiles } from "./list-models.js";
import { LIVING_MOVES, livingModels } from "./living-models.js";
import type { LivingModel, LivingRule, ModelPopulation } from "./living-models.js";
import { mapBounded } from "./map-bounded.js";
import { listLogs, listSequences, markCarriedOut, readAliases, readLogLine } from "./read-registry.js";
import type { AliasHistoryEntry, RegistryCall } from "./read-registry.js";
import type { Alias, AliasReference } from "./alias.js";

/** Deletions between two looks at the aliases. */
const BATCH = 100;

/** Options of {@link pruneModels}. */
export interface PruneModelsOptions extends S3CallOptions {
  /** Keys to keep, such as those that services pin by `--model-key`: nothing in the bucket tells of them. */
  readonly keep?: readonly string[] | undefined;
  /** Number of the newest models that stay. At least 1. Default: 10. */
  readonly newest?: number | undefined;
  /** Models that are younger stay. Default: 30. */
  readonly days?: number | undefined;
  /** Whether to delete. Default: false, which only tells. */
  readonly apply?: boolean | undefined;
  /** Called after each deletion. */
  readonly onDelete?: ((key: string) => void) | undefined;
}

const PRUNE_OPTIONS: OptionKinds<PruneModelsOptions> = {
  keep: "texts",
  newest: "number",
  days: "number",
  apply: "boolean",
  onDelete: "function",
  ...S3_CALL_OPTIONS,
};

/** The result of {@link pruneModels}. */
export interface PruneResult {
  readonly living: readonly LivingModel[];
  /** Keys that nothing keeps, newest first. With `apply`, those that were deleted. */
  readonly unused: readonly string[];
}

/**
 * Delete the models of a name that nothing needs any more. Without `apply`, nothing is deleted.
 *
 * A model stays if an alias names it, or one of the last 10 moves of an alias did. The newest 10 stay, those younger than
 * 30 days, and those of `keep`. Only files of that name directly under `models/` are ever deleted; no
 * dataset is.
 *
 * All pages are listed, and all aliases and logs read, before the first deletion. They are read again after every 100, so
 * that a model that is promoted meanwhile stays. In a bucket that keeps versions, a deleted model can be restored.
 *
 * @throws {FormatError} An alias or a line of a log is malformed. Nothing more is deleted.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} `newest` is below 1, or `days` is negative.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export async function pruneModels(
  bucket: string,
  name: string,
  options: PruneModelsOptions = {},
): Promise<PruneResult> {
  checkOptions(options, PRUNE_OPTIONS);
  checkBucket(bucket);
  checkNamePrefix(name);
  const { keep = [], newest = 10, days = 30, apply = false, onDelete, signal } = options;
  if (!Number.isInteger(newest) || newest < 1) {
    throw argumentError("newest", newest, "a whole number of at least 1");
  }
  if (!(days >= 0)) {
    throw argumentError("days", days, "a number of at least 0");
  }
  const call = { client: clientOf(options), signal };
  const rule = { keep, newest, days };
  const models = await listModelFiles(bucket, name, call);
  let verdict = await judge({ bucket, name, models, rule }, call);
  if (!apply) {
    return verdict;
  }
  const deleted = new Set<string>();
  for (;;) {
    const batch = verdict.unused.filter((key) => !deleted.has(key)).slice(0, BATCH);
    if (batch.length === 0) {
      return { living: verdict.living.filter(({ key }) => !deleted.has(key)), unused: [...deleted] };
    }
    await mapBounded(batch, async (key) => {
      await deleteObject(bucket, key, call);
      deleted.add(key);
      onDelete?.(key);
    });
    verdict = await judge({ bucket, name, models, rule }, call);
  }
}

/** Divide models into those that are alive and those that are not, by the aliases and logs as they are now. */
async function judge(
  {
    bucket,
    name,
    models,
    rule,
  }: { bucket: string; name: string; models: ModelPopulation["models"]; rule: LivingRule },
  call: RegistryCall,
): Promise<PruneResult> {
  const aliases = await readAliases(bucket, name, call);
  // A first promotion may have written its line, and not its alias yet.
  const names = new Set([...aliases.map(({ alias }) => alias), ...(await listLogs(bucket, name, call))]);
  const logs = await mapBounded([...names], (alias) => {
    const current = aliases.find((each) => each.alias === alias);
    return readLivingLog({ bucket, name, alias }, current, call);
  });
  const named = aliases.map(({ alias, model }) => ({ alias, key: model.key }));
  const living = livingModels({ models, named, logs }, rule, new Date());
  const alive = new Set(living.map(({ key }) => key));
  return { living, unused: models.map(({ key }) => key).filter((key) => !alive.has(key)) };
}

/** Read the lines of a log that keep models alive: newest first, until enough of them were carried out. */
async function readLivingLog(
  reference: AliasReference,
  current: Alias | undefined,
  call: RegistryCall,
): Promise<AliasHistoryEntry[]> {
  const sequences = (await listSequences(reference, 0, call)).reverse();
  const lines: Alias[] = [];
  for (let start = 0; start < sequences.length; start += LIVING_MOVES) {
    const page = sequences.slice(start, start + LIVING_MOVES);
    const read = await mapBounded(page, (sequence) => readLogLine(reference, sequence, call));
    lines.push(...read.filter((line) => line !== undefined));
    const history = markCarriedOut(lines, current);
    if (history.filter(({ carriedOut }) => carriedOut).length >= LIVING_MOVES) {
      return history;
    }
  }
  return markCarriedOut(lines, current);
}

async function deleteObject(bucket: string, key: string, { client, signal }: RegistryCall): Promise<void> {
  await callS3(client, addressOf(bucket, key), signal, (options) =>
    client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), options),
  );
}
