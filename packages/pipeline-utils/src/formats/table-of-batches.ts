import { type Data, Field, makeData, RecordBatch, Schema, Struct, Table } from "apache-arrow";

/**
 * A table of columns that are cut into the same batches.
 *
 * @param columns - Of each column, one piece of data per batch; at least one batch.
 */
export function tableOfBatches(names: readonly string[], columns: readonly (readonly Data[])[]): Table {
  const fields = columns.map((batches, index) => new Field(names[index]!, batches[0]!.type, true));
  const schema = new Schema(fields);
  const batches = columns[0]!.map(({ length }, batch) => {
    const children = columns.map((column) => column[batch]!);
    return new RecordBatch(schema, makeData({ type: new Struct(fields), length, nullCount: 0, children }));
  });
  return new Table(schema, batches);
}
