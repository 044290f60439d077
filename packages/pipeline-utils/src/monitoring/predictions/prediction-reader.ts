import { FormatError } from "../../errors.js";
import { readAll, readChecked } from "../../aws/artefacts/get/body.js";
import { getObject } from "../../aws/artefacts/get/get-object.js";
import { clientOf } from "../../aws/artefacts/headers.js";
import { listAll, s3Lister } from "../../aws/artefacts/lister.js";
import type { ListedObject } from "../../aws/artefacts/lister.js";
import { addressOf, checkBucket } from "../../aws/artefacts/location.js";
import { mapBounded } from "../../aws/registry/map-bounded.js";
import { decompress } from "../../formats/csv/decompress.js";
import { dayFolder, daysBetween, hourFolder, hourOf } from "./log-key.js";
import { parseLine } from "./log-line.js";
import type { PredictionRow } from "./log-line.js";
import type { ReadPredictionsOptions } from "./read-options.js";

/** Limit of an object's text. `PredictionLog` writes 5 MB. */
const MAX_OBJECT_BYTES = 2 ** 26;
/** Objects that are read at a time. All of them are in memory. */
const CONCURRENT_OBJECTS = 8;
const HOURS_A_DAY = 24;
const EXTENSION = /\.ndjson(?:\.gz)?$/;

/** Read the rows of a log by hour, and within an hour by key. A few objects are in memory at a time. */
export async function* predictionRows(
  bucket: string,
  name: string,
  { from, to, client: given, headers, signal }: ReadPredictionsOptions,
): AsyncGenerator<PredictionRow, void, undefined> {
  checkBucket(bucket);
  const client = clientOf({ client: given, headers });
  const lister = s3Lister(client, bucket, signal);
  for (const prefix of foldersBetween(name, from, to)) {
    const { objects } = await listAll(lister, { prefix });
    const logged = objects.filter(({ key }) => EXTENSION.test(key));
    for (let start = 0; start < logged.length; start += CONCURRENT_OBJECTS) {
      const group = logged.slice(start, start + CONCURRENT_OBJECTS);
      const read = async ({ key, etag }: ListedObject): Promise<string[]> =>
        readLines(await getObject({ bucket, key, etag }, { client, signal }), addressOf(bucket, key));
      const texts = await mapBounded(group, read);
      for (const [index, lines] of texts.entries()) {
        const address = addressOf(bucket, group[index]?.key);
        yield* rowsBetween(lines, address, from, to);
      }
    }
  }
}

/** The folders to list: a whole day at once, or the hours of a part of it. */
function foldersBetween(name: string, from: Date, to: Date): string[] {
  const [first, last] = [hourOf(from.getTime()), hourOf(to.getTime() - 1)];
  return daysBetween(from, to).flatMap((day) => {
    const midnight = hourOf(Date.parse(day));
    if (first <= midnight && midnight + HOURS_A_DAY - 1 <= last) {
      return [dayFolder(name, day)];
    }
    return Array.from({ length: HOURS_A_DAY }, (_, hour) => midnight + hour)
      .filter((hour) => hour >= first && hour <= last)
      .map((hour) => hourFolder(name, hour));
  });
}

async function readLines(body: AsyncIterable<Uint8Array>, address: string): Promise<string[]> {
  const bytes = await readChecked(body, (chunks) => readAll(decompress(chunks, MAX_OBJECT_BYTES, address)));
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FormatError(`${address}: not UTF-8`, { cause: error });
  }
  const lines = text.split("\n");
  // The text ends with a line end.
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function* rowsBetween(
  lines: readonly string[],
  address: string,
  from: Date,
  to: Date,
): Iterable<PredictionRow> {
  for (const [index, line] of lines.entries()) {
    const row = parseLine(line, `${address} line ${index + 1}`);
    if (row.time >= from.getTime() && row.time < to.getTime()) {
      yield row;
    }
  }
}
