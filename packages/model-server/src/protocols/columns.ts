import { HttpError } from "../errors.js";
import { MAX_ROWS } from "../limits.js";
import type { TimeSlice } from "../time-slice.js";

/** A column of a request: its name, and a value for each row. */
export type Column = readonly [name: string, values: readonly unknown[]];

/**
 * Turn columns into rows, one object each, in slices.
 *
 * @throws {HttpError} 400, if they are not of the same length, or too long.
 */
export async function rowsOfColumns(
  columns: readonly Column[],
  slice: TimeSlice,
): Promise<Record<string, unknown>[]> {
  const [firstName = "", { length } = []] = columns[0] ?? [];
  if (length > MAX_ROWS) {
    throw new HttpError(400, `${firstName} has length ${length}, expected at most ${MAX_ROWS}`);
  }
  for (const [name, values] of columns) {
    if (values.length !== length) {
      const lengths = `${firstName} has length ${length}, ${name} has length ${values.length}`;
      throw new HttpError(400, `inputs are not of one length: ${lengths}`);
    }
  }
  const rows: Record<string, unknown>[] = [];
  for (let row = 0; row < length; row += 1) {
    rows.push(Object.fromEntries(columns.map(([name, values]): [string, unknown] => [name, values[row]])));
    if (slice.isOver) {
      await slice.pause();
    }
  }
  return rows;
}
