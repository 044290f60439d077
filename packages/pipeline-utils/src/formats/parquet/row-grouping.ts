import { type RecordBatch } from "apache-arrow";
import { bytesOfRows } from "./row-bytes.js";

/** How much a group has at most. */
export interface GroupSize {
  readonly rows: number;
  /** Nearly; a row that has more is a group of its own. */
  readonly bytes: number;
}

/** Cut and join batches to groups that are as large as may be. A batch without rows is a group if there are no rows at all. */
export async function* groupRows(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  most: GroupSize,
): AsyncIterable<RecordBatch[]> {
  let group: RecordBatch[] = [];
  let left = most;
  let empty: RecordBatch | undefined;
  let hasRows = false;
  for await (const batch of batches) {
    empty ??= batch;
    for (let start = 0; start < batch.numRows;) {
      const rest = rowsOf(batch, start, batch.numRows);
      const count = rowsThatFit(rest, left) || (group.length === 0 ? 1 : 0);
      if (count > 0) {
        const taken = rowsOf(rest, 0, count);
        group.push(taken);
        left = { rows: left.rows - count, bytes: left.bytes - bytesOfRows(taken) };
        start += count;
        hasRows = true;
      }
      if (start === batch.numRows && left.rows > 0) continue;
      yield group;
      group = [];
      left = most;
    }
  }
  if (group.length > 0) yield group;
  else if (!hasRows && empty !== undefined) yield [empty];
}

/** How many rows at the beginning of a batch are no more than that. */
function rowsThatFit(batch: RecordBatch, { rows, bytes }: GroupSize): number {
  const fits = (count: number): boolean => bytesOfRows(rowsOf(batch, 0, count)) <= bytes;
  let tooMany = Math.min(rows, batch.numRows);
  if (fits(tooMany)) return tooMany;
  let fitting = 0;
  while (tooMany - fitting > 1) {
    const middle = (fitting + tooMany) >> 1;
    if (fits(middle)) fitting = middle;
    else tooMany = middle;
  }
  return fitting;
}

function rowsOf(batch: RecordBatch, start: number, end: number): RecordBatch {
  return start === 0 && end === batch.numRows ? batch : batch.slice(start, end);
}
