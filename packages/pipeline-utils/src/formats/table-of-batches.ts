import { type Data, Field, makeData, RecordBatch, Schema, Struct, Table } from "apache-arrow";

/** A table of batches, at least one, each of the data of all columns. Every column is nullable. */
export function tableOfBatches(names: readonly string[], batches: readonly (readonly Data[])[]): Table {
  const fields = batches[0]!.map(({ type }, column) => new Field(names[column]!, type, true));
  const schema = new Schema(fields);
  return new Table(
    schema,
    batches.map((children) => {
      const { length } = children[0]!;
      return new RecordBatch(
        schema,
        makeData({ type: new Struct(fields), length, nullCount: 0, children: [...children] }),
      );
    }),
  );
}
