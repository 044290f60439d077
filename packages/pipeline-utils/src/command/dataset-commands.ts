import type { S3Client } from "@aws-sdk/client-s3";
import type { Table, Vector } from "apache-arrow";

import { S3TimestampedArtefact } from "../aws/artefacts/artefact.js";
import { listArtefacts } from "../aws/artefacts/find-artefacts.js";
import { addressOf } from "../aws/artefacts/location.js";
import type { Dataset } from "../aws/datasets/dataset.js";
import { getDatasetFromS3 } from "../aws/datasets/get-dataset.js";
import { ArtefactNotFoundError } from "../errors.js";
import { profileColumn } from "../monitoring/profile.js";
import type { ColumnProfile } from "../monitoring/profile.js";
import { textArgument } from "../stage/program/argument.js";
import type { Argument } from "../stage/program/argument.js";
import { bucket, limit, nameArgument, subcommand } from "./subcommand.js";
import { renderFields, renderTable, showNumber } from "./table.js";

/** The folder that datasets are delivered to. */
const DATASETS_FOLDER = "datasets";

const name = nameArgument("time_to_dispatch");
const which: Argument<string> = {
  ...textArgument({
    name: "KEY|latest",
    description: "key of the dataset; default the newest of the name",
    expected: "a key",
  }),
  fallback: { value: "latest" },
};

const list = subcommand({
  words: "datasets list",
  description: "Lists the datasets of a name, newest first.",
  example: "my-bucket time_to_dispatch",
  arguments: { bucket, name, limit },
  async run(values, { client }) {
    const found = (await listDatasets(values, client)).slice(0, values.limit);
    const rows = found.map(({ timestamp, key }) => [timestamp.toISOString(), key]);
    const json = found.map(({ key, timestamp, fileFormat, etag }) => ({
      key,
      timestamp,
      fileFormat,
      hash: etag,
    }));
    return { text: renderTable(["time", "key"], rows), json };
  },
});

const show = subcommand({
  words: "datasets show",
  description: "Shows a dataset's rows, columns, hash and version.",
  example: "my-bucket time_to_dispatch latest",
  arguments: { bucket, name, which },
  async run(values, { client }) {
    const dataset = await getDataset(values, client);
    const { data, key, hash, versionId, datetime } = dataset;
    const columns = data.schema.fields.map((field) => ({
      name: field.name,
      type: String(field.type),
      nulls: data.getChild(field.name)?.nullCount ?? 0,
    }));
    const fields = {
      key,
      time: datetime.toISOString(),
      hash,
      version: versionId,
      rows: String(data.numRows),
    };
    const rows = columns.map((column) => [column.name, column.type, String(column.nulls)]);
    const text = `${renderFields(fields)}\n\n${renderTable(["column", "type", "nulls"], rows)}`;
    return { text, json: { key, datetime, hash, versionId, rows: data.numRows, columns } };
  },
});

const profile = subcommand({
  words: "datasets profile",
  description: "Shows the distribution of each column of a dataset.",
  example: "my-bucket time_to_dispatch",
  arguments: { bucket, name, which },
  async run(values, { client }) {
    const { data, key } = await getDataset(values, client);
    const columns = profileTable(data);
    const rows = Object.entries(columns).map(([column, found]) => [column, ...describeProfile(found)]);
    const heads = ["column", "type", "count", "nulls", "distribution"];
    return { text: `${key}\n\n${renderTable(heads, rows)}`, json: { key, rows: data.numRows, columns } };
  },
});

const diff = subcommand({
  words: "datasets diff",
  description: "Compares the columns and distributions of two datasets.",
  example: "my-bucket time_to_dispatch datasets/time_to_dispatch_2021-07-03T23:05:32.csv latest",
  exitCodes: "3 the datasets differ",
  arguments: {
    bucket,
    name,
    a: textArgument({ name: "A", description: "a key, or latest", expected: "a key" }),
    b: textArgument({ name: "B", description: "the other dataset", expected: "a key" }),
  },
  async run(values, { client }) {
    const [a, b] = [
      await getDataset({ ...values, which: values.a }, client),
      await getDataset({ ...values, which: values.b }, client),
    ];
    const [one, two] = [profileTable(a.data), profileTable(b.data)];
    const changed = [...new Set([...Object.keys(one), ...Object.keys(two)])].filter(
      (column) => JSON.stringify(one[column]) !== JSON.stringify(two[column]),
    );
    const rows = changed.map((column) => [column, summarise(one[column]), summarise(two[column])]);
    const same = a.hash === b.hash || (changed.length === 0 && a.data.numRows === b.data.numRows);
    const text = [
      `a  ${a.key}  ${a.data.numRows} rows`,
      `b  ${b.key}  ${b.data.numRows} rows`,
      ...(rows.length === 0 ? [] : ["", renderTable(["column", "a", "b"], rows)]),
      "",
      same ? "The columns and their distributions are the same." : "The datasets differ.",
    ].join("\n");
    const columns = Object.fromEntries(
      changed.map((column) => [column, { a: one[column] ?? null, b: two[column] ?? null }]),
    );
    const sides = { a: { key: a.key, rows: a.data.numRows }, b: { key: b.key, rows: b.data.numRows } };
    return { text, json: { same, ...sides, columns }, exitCode: same ? 0 : 3 };
  },
});

/** Commands that show datasets. */
export const DATASET_COMMANDS = [list, show, profile, diff];

async function listDatasets(
  { bucket: of, name: filenamePrefix }: { readonly bucket: string; readonly name: string },
  client: S3Client,
): Promise<S3TimestampedArtefact[]> {
  const found: S3TimestampedArtefact[] = [];
  for (const fileFormat of ["csv", "parquet"] as const) {
    const where = { folder: DATASETS_FOLDER, filenamePrefix, client };
    for await (const artefact of listArtefacts(fileFormat, of, where)) {
      found.push(artefact);
    }
  }
  return found.sort((a, b) => S3TimestampedArtefact.compare(b, a));
}

async function getDataset(
  values: { readonly bucket: string; readonly name: string; readonly which: string },
  client: S3Client,
): Promise<Dataset> {
  if (values.which !== "latest") {
    return getDatasetFromS3({ bucket: values.bucket, key: values.which }, { client });
  }
  const [latest] = await listDatasets(values, client);
  if (latest === undefined) {
    const address = addressOf(values.bucket, `${DATASETS_FOLDER}/`);
    throw new ArtefactNotFoundError(`${address}: no dataset is named ${JSON.stringify(values.name)}`);
  }
  return getDatasetFromS3({ bucket: values.bucket, key: latest.key, hash: latest.etag }, { client });
}

/** A column without any value has no distribution. */
type Profile = ColumnProfile | { readonly type: "empty"; readonly count: 0; readonly nulls: number };

/** Profile all columns of a table: numbers and times as numbers, booleans, and text by its values. */
function profileTable(table: Table): Record<string, Profile> {
  return Object.fromEntries(
    table.schema.fields.map(({ name: column }) => [column, profileVector(column, table.getChild(column))]),
  );
}

function profileVector(column: string, vector: Vector | null): Profile {
  const values: unknown[] = [...(vector ?? [])];
  const first = values.find((value) => value !== null && value !== undefined);
  if (first === undefined) {
    return { type: "empty", count: 0, nulls: values.length };
  }
  if (typeof first === "boolean") {
    const numbers = values.map((value) => (typeof value === "boolean" ? Number(value) : NaN));
    return profileColumn(numbers, { name: column, type: "boolean" });
  }
  if (typeof first === "number" || typeof first === "bigint") {
    const numbers = values.map((value) => (value === null || value === undefined ? NaN : Number(value)));
    return profileColumn(numbers, { name: column, type: "number" });
  }
  const texts = values.map((value) =>
    value === null || value === undefined
      ? undefined
      : typeof value === "string"
        ? value
        : JSON.stringify(value),
  );
  const categories = [...new Set(texts.filter((text) => text !== undefined))].sort();
  const indexes = new Map(categories.map((text, index) => [text, index]));
  const numbers = texts.map((text) => (text === undefined ? NaN : (indexes.get(text) ?? NaN)));
  return profileColumn(numbers, { name: column, type: "category", categories });
}

function describeProfile(found: Profile): [type: string, count: string, nulls: string, distribution: string] {
  return [found.type, String(found.count), String(found.nulls), distributionOf(found)];
}

function distributionOf(found: Profile): string {
  switch (found.type) {
    case "empty":
      return "no values";
    case "number": {
      const { minimum, median, mean, maximum } = found;
      const shown = { minimum, median, mean, maximum };
      return Object.entries(shown)
        .map(([label, value]) => `${label} ${showNumber(value)}`)
        .join(", ");
    }
    case "boolean":
    case "category": {
      const counts = Object.entries(found.counts).slice(0, 5);
      const shown = counts.map(([value, count]) => `${value} ${count}`);
      const values = Object.keys(found.counts).length;
      return values > 5 || found.other > 0 ? `${shown.join(", ")}, …` : shown.join(", ");
    }
  }
}

function summarise(found: Profile | undefined): string {
  return found === undefined ? "no such column" : `${found.count} values: ${distributionOf(found)}`;
}
