import { type CompactNumbers } from "./compact-numbers.js";
import { hasValue, type Validity } from "./validity.js";

/** Whether so many rows are null that their values are left out until the table is made: of each the file has a comma. */
export function isSparse(rows: number, { nullCount }: Validity): boolean {
  return 2 * nullCount > rows;
}

/** The values of the rows that are not null. */
export function withoutNulls(values: Float64Array, { nullCount, nullBitmap }: Validity): Float64Array {
  const kept = new Float64Array(values.length - nullCount);
  let used = 0;
  for (let row = 0; used < kept.length; row++)
    if (nullBitmap === undefined || hasValue(nullBitmap, row)) kept[used++] = values[row]!;
  return kept;
}

/** Put the values of the rows that are not null among all rows, and zeros for nulls. */
export function spread(
  kept: CompactNumbers["values"],
  rows: Int32Array | Float64Array,
  { nullBitmap }: Validity,
): void {
  rows.fill(0);
  let used = 0;
  for (let row = 0; used < kept.length; row++)
    if (nullBitmap === undefined || hasValue(nullBitmap, row)) rows[row] = kept[used++]!;
}
