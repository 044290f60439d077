import {
  type Data,
  DataType,
  type Date_,
  type Duration,
  type Float,
  type Int,
  type Time,
  type Timestamp,
} from "apache-arrow";
import { nullTest } from "../null-test.js";

/** Values that are looked at, in pairs of neighbours: else those of a sorted column, each in some rows, would all differ. */
const SAMPLE = 1024;
/** Fewer say nothing. */
const LEAST = 512;
/** Of 1,024 values as many are distinct where there are some 50,000 of them in 131,072. */
const DISTINCT = 0.99;

/**
 * Whether nearly all values of a column of numbers or times differ, by those of some rows: a dictionary of them, by which each is
 * written as its number in it, would be more work and more bytes: of the narrow file of the benchmark a third of the CPU seconds and
 * a fifth of the bytes. False for columns of other types; of texts that all differ it would save nothing.
 *
 * @param parts - All of the column's data.
 */
export function isMostlyDistinct(parts: readonly Data[]): boolean {
  const rows = parts.reduce((sum, { length }) => sum + length, 0);
  const step = 2 * Math.ceil(rows / SAMPLE);
  const seen = new Set<number | bigint | undefined>();
  let count = 0;
  for (const part of parts) {
    if (!isOfNumbers(part)) return false;
    const isNull = nullTest(part);
    for (let row = 0; row < part.length; row += row % step === 0 ? 1 : step - 1) {
      if (isNull?.(row)) continue;
      seen.add(part.values[row]);
      count++;
    }
  }
  return count >= LEAST && seen.size > count * DISTINCT;
}

/** Whether there is a number of JavaScript for each row. */
function isOfNumbers(data: Data): data is Data<Float | Int | Date_ | Timestamp | Time | Duration> {
  const type: DataType = data.type;
  return (
    DataType.isFloat(type) ||
    DataType.isInt(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type) ||
    DataType.isTime(type) ||
    DataType.isDuration(type)
  );
}
