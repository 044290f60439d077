import { type RecordBatch } from "apache-arrow";

/** Cut and join batches to groups of `size` rows; the last has the rest. A batch without rows is a group of its own. */
export async function* groupRows(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  size: number,
): AsyncIterable<RecordBatch[]> {
  let group: RecordBatch[] = [];
  let rows = 0;
  let empty: RecordBatch | undefined;
  let hasRows = false;
  for await (const batch of batches) {
    empty ??= batch;
    for (let start = 0; start < batch.numRows;) {
      const taken = Math.min(size - rows, batch.numRows - start);
      group.push(taken === batch.numRows ? batch : batch.slice(start, start + taken));
      start += taken;
      rows += taken;
      hasRows = true;
      if (rows < size) continue;
      yield group;
      group = [];
      rows = 0;
    }
  }
  if (rows > 0) yield group;
  else if (!hasRows && empty !== undefined) yield [empty];
}
