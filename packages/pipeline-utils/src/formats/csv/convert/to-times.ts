import { type Data, type Date_, DateUnit, makeData, type Timestamp, TimeUnit } from "apache-arrow";
import { type TextBatch } from "../text-batch.js";
import { convertEach, type Misfit, textAt } from "./convert-each.js";
import { parseTimestamp } from "./parse-timestamp.js";

/** Nanoseconds of each unit of a timestamp. */
const UNITS = {
  [TimeUnit.SECOND]: 1_000_000_000n,
  [TimeUnit.MILLISECOND]: 1_000_000n,
  [TimeUnit.MICROSECOND]: 1_000n,
  [TimeUnit.NANOSECOND]: 1n,
};
const DAY = 86_400_000_000_000n;

/** Texts as instants, in whole units of the type. */
export function toTimestamps(texts: TextBatch, type: Timestamp, misfit: Misfit): Data<Timestamp> {
  const { length } = texts;
  const data = new BigInt64Array(length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    return storeWhole(bytes, start, end, UNITS[type.unit], (count) => {
      data[row] = count;
      return data[row] === count;
    });
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as days. */
export function toDates(texts: TextBatch, type: Date_, misfit: Misfit): Data<Date_> {
  const { length } = texts;
  const inDays = type.unit === DateUnit.DAY;
  const days = new Int32Array(inDays ? length : 0);
  const milliseconds = new BigInt64Array(inDays ? 0 : length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) =>
    storeWhole(bytes, start, end, inDays ? DAY : UNITS[TimeUnit.MILLISECOND], (count) => {
      if (inDays) days[row] = Number(count);
      else milliseconds[row] = count;
      return true;
    }),
  );
  return makeData({ type, length, data: inDays ? days : milliseconds, ...validity });
}

/** Store how many whole units a text is from 1970. */
function storeWhole(
  bytes: Uint8Array,
  start: number,
  end: number,
  unit: bigint,
  store: (count: bigint) => boolean,
): boolean {
  const nanoseconds = end - start > 40 ? undefined : parseTimestamp(textAt(bytes, start, end));
  return nanoseconds !== undefined && nanoseconds % unit === 0n && store(nanoseconds / unit);
}
