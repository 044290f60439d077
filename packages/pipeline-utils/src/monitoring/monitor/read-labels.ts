import { addressOf } from "../../aws/artefacts/location.js";
import type { S3CallOptions } from "../../aws/artefacts/options.js";
import { getLatestCsvDatasetFromS3 } from "../../aws/datasets/get-dataset.js";
import { FormatError } from "../../errors.js";
import { PANDAS_INDEX } from "../../formats/csv/header.js";

/** Labels by id. */
export interface Labels {
  /** Key of the file. */
  readonly key: string;
  /** Name of the column, which must be that of the model's target. */
  readonly target: string;
  /** A number, or a class by its name. */
  readonly byId: ReadonlyMap<string, number | string>;
  /** Rows that a later row of the same id has replaced. */
  readonly duplicates: number;
}

/**
 * Read the newest label file of a prefix: a CSV with the columns `id` and one more, the target.
 *
 * The last row of an id counts. A row without a label is left out.
 *
 * @param prefix - `labels/hours` for `labels/hours_2021-07-10T08:00:00.csv`.
 * @throws {ArtefactNotFoundError} No file has that prefix.
 * @throws {FormatError} The columns are others.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function readLabels(bucket: string, prefix: string, options: S3CallOptions): Promise<Labels> {
  const slash = prefix.lastIndexOf("/");
  const { key, data } = await getLatestCsvDatasetFromS3(bucket, {
    ...(slash > 0 ? { folder: prefix.slice(0, slash) } : {}),
    filenamePrefix: prefix.slice(slash + 1),
    schema: { id: { type: "text" } },
    ...options,
  });
  const columns = data.schema.names.map(String).filter((name) => name !== PANDAS_INDEX && name !== "id");
  const [target] = columns;
  if (target === undefined || columns.length > 1) {
    throw new FormatError(
      `${addressOf(bucket, key)}: the columns are id, ${columns.join(", ")}; expected id and the target`,
    );
  }
  const [ids, values] = [data.getChild("id"), data.getChild(target)];
  const byId = new Map<string, number | string>();
  let duplicates = 0;
  for (let row = 0; row < data.numRows; row += 1) {
    const id: unknown = ids?.get(row);
    const value: unknown = values?.get(row);
    if (value !== null && value !== undefined) {
      duplicates += byId.has(String(id)) ? 1 : 0;
      byId.set(String(id), typeof value === "bigint" ? Number(value) : toLabel(value));
    }
  }
  return { key, target, byId, duplicates };
}

function toLabel(value: unknown): number | string {
  return typeof value === "number" ? value : String(value);
}
