import type { S3Client } from "@aws-sdk/client-s3";

import type { Dataset } from "../../aws/datasets/dataset.js";
import type { Feature, Target } from "../../aws/models/feature.js";
import type { ModelFile } from "../../aws/models/model-file.js";
import { readModelFile } from "../../aws/models/read-model-file.js";
import { getAlias } from "../../aws/registry/read-registry.js";
import { parseTimestampedKey } from "../../aws/timestamped-key.js";
import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  ModelIntegrityError,
  S3AccessError,
} from "../../errors.js";
import { columnDrift } from "../../monitoring/drift.js";
import type { ColumnDrift } from "../../monitoring/drift.js";
import { own, profileColumn, readProfile } from "../../monitoring/profile.js";
import type { CategoryProfile, ColumnProfile, NumberProfile } from "../../monitoring/profile.js";
import { StageError } from "../program/errors.js";
import { readNewestModel } from "./newest-model.js";
import type { PreparedData } from "./prepared-data.js";
import type { TrainRun } from "./train-run.js";

/** A dataset with fewer rows than this part of the earlier one is reported. */
const LEAST_PART_OF_ROWS = 0.5;
const SHOWN_DIGITS = 3;

/** A column whose values have moved. */
interface MovedColumn {
  /** `hours: median 9.1, was 3.0; …`. */
  readonly text: string;
  /** The population stability index. */
  readonly index: number;
}

/**
 * Compare a dataset with the one of an earlier model: the model that `--champion` names, else the newest of the name.
 *
 * The rule for a column is that of the service: {@link columnDrift}. Each finding is a warning with its figures.
 *
 * @throws {StageError} A column has moved by at least `--max-drift`.
 * @throws {S3AccessError} S3 failed or denied access, and `--max-drift` is given. Without it, this is a warning.
 */
export async function reportDataChanges<M>(
  run: TrainRun<M>,
  dataset: Dataset,
  data: PreparedData,
  client: S3Client,
): Promise<void> {
  const { log, maxDrift, options } = run;
  let earlier: ModelFile | string;
  try {
    earlier = await findEarlierModel(run, client);
  } catch (error) {
    if (maxDrift !== undefined || !(error instanceof S3AccessError)) {
      throw error;
    }
    log.warn(`The dataset is not compared with an earlier one: ${error.message}`);
    return;
  }
  if (typeof earlier === "string") {
    log.info(`The dataset is not compared with an earlier one: ${earlier}`);
    return;
  }
  for (const text of [...changesOfFile(dataset, earlier), ...changeOfRows(data, earlier)]) {
    log.warn(text);
  }
  const moved = movedColumns(data, options.target, earlier);
  if (moved === undefined) {
    log.info(`The values are not compared with earlier ones: ${describe(earlier)} has no profile of them`);
    return;
  }
  for (const { text } of moved) {
    log.warn(`Moved since ${describe(earlier)}: ${text}`);
  }
  const tooFar = moved.filter(({ index }) => index >= (maxDrift ?? Infinity));
  if (tooFar.length > 0) {
    const columns = tooFar.map(({ text }) => text).join("; ");
    throw new StageError(
      `the dataset has moved too far from that of ${describe(earlier)}: ${columns}; expected a PSI below ${maxDrift} (--max-drift)`,
    );
  }
}

function describe({ creationTime }: ModelFile): string {
  return `the model of ${creationTime.toISOString()}`;
}

/** The model to compare with. Text if there is none: the reason. */
async function findEarlierModel<M>(run: TrainRun<M>, client: S3Client): Promise<ModelFile | string> {
  const { champion, options, bucket, signal } = run;
  try {
    const alias = champion && (await getAlias(bucket, options.name, champion, { client, signal }));
    if (!alias) {
      const newest = await readNewestModel(run, client);
      return newest.file;
    }
    const { key, etag } = alias.model;
    const { file } = await readModelFile({ bucket, key, etag }, { client, signal });
    return file;
  } catch (error) {
    if (error instanceof ArtefactNotFoundError) {
      return "there is no earlier model";
    }
    if (error instanceof ArtefactChangedError || error instanceof ModelIntegrityError) {
      return error.message;
    }
    throw error;
  }
}

/** Warnings about the dataset's file: the same again, or one that is not newer. */
function changesOfFile({ key, hash, datetime }: Dataset, earlier: ModelFile): string[] {
  const { key: earlierKey, hash: earlierHash } = earlier.trainDataset;
  if (key === earlierKey) {
    const since = `${describe(earlier)} has trained on it`;
    return hash === earlierHash
      ? [`No new dataset since ${datetime.toISOString()}: ${since} already`]
      : [`${key} was overwritten: ${since} when its hash was ${earlierHash}, and now it is ${hash}`];
  }
  const before = parseTimestampedKey(earlierKey)?.timestamp;
  if (before === undefined || before < datetime) {
    return [];
  }
  const order = before > datetime ? "older than" : "of the same time as";
  return [`${key} is ${order} ${earlierKey}, which ${describe(earlier)} has trained on`];
}

function changeOfRows({ train }: PreparedData, { metadata }: ModelFile): string[] {
  const rows = train.target.length;
  const before = own(metadata.rows, "train");
  return typeof before === "number" && rows <= LEAST_PART_OF_ROWS * before
    ? [`Rows to train on: ${rows}, were ${before}`]
    : [];
}

/** The columns that have moved; undefined if no column of the earlier model has a profile. */
function movedColumns(
  { train, features }: PreparedData,
  target: Target,
  { metadata, target: earlierTarget }: ModelFile,
): MovedColumn[] | undefined {
  const profile = readProfile(metadata.profile, features, target);
  const isSameTarget = earlierTarget?.name === target.name;
  const columns = [
    ...features.map((column, index) => ({
      column,
      before: profile.features[index],
      values: train.columns[index],
    })),
    { column: target, before: isSameTarget ? profile.target : undefined, values: train.target },
  ];
  if (columns.every(({ before }) => before === undefined)) {
    return undefined;
  }
  return columns.flatMap(({ column, before, values = new Float64Array() }) => {
    if (before === undefined) {
      return [];
    }
    const drift = columnDrift(before, column, values);
    return drift.isShifted || drift.isOutside
      ? [{ text: describeMove(column, before, drift, values), index: drift.index }]
      : [];
  });
}

function describeMove(
  column: Feature | Target,
  before: ColumnProfile,
  { index, rows, outside, isOutside }: ColumnDrift,
  values: Float64Array,
): string {
  const now = profileColumn(values, column);
  const parts = [];
  if (now.type === "number" && before.type === "number") {
    parts.push(`median ${show(now.median)}, was ${show(before.median)}`);
    parts.push(`deciles ${showDeciles(now)}, were ${showDeciles(before)}`);
    if (isOutside) {
      const range = `${show(before.minimum)} to ${show(before.maximum)}`;
      parts.push(`${showShare(outside / rows)} of the rows outside ${range}`);
    }
  } else if (now.type !== "number" && before.type !== "number") {
    parts.push(describeShares(now, before));
  }
  return `${column.name}: ${parts.join("; ")} (PSI ${show(index)})`;
}

/** The value whose share has changed most. */
function describeShares(now: CategoryProfile, before: CategoryProfile): string {
  const names = [...new Set([...Object.keys(before.counts), ...Object.keys(now.counts)])];
  const shares = names.map((name) => {
    const [share, was] = [now, before].map((each) => (each.counts[name] ?? 0) / each.count);
    return { name, share: share ?? 0, was: was ?? 0 };
  });
  shares.sort((a, b) => Math.abs(b.share - b.was) - Math.abs(a.share - a.was));
  const [most] = shares;
  return most === undefined
    ? "other values"
    : `${most.name} ${showShare(most.share)} of the rows, was ${showShare(most.was)}`;
}

function showDeciles({ deciles }: NumberProfile): string {
  return deciles.map(show).join(" ");
}

function showShare(share: number): string {
  return `${show(100 * share)} %`;
}

function show(value: number): string {
  return String(Number(value.toPrecision(SHOWN_DIGITS)));
}
