import { Field, makeData, RecordBatch, Schema, Struct, Table } from "apache-arrow";
import type { Data, DataType } from "apache-arrow";
import { childrenOf } from "./arrow-leaves.js";

/**
 * Make a table whose columns are all nullable.
 *
 * @param names - The names of the columns.
 * @param batches - At least one; each has the data of every column.
 */
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

/** A batch without rows. */
export function emptyBatch(schema: Schema): RecordBatch {
  return new RecordBatch(schema, emptyData(new Struct(schema.fields)));
}

/** Data without values. */
export function emptyData<T extends DataType>(type: T): Data<T> {
  const data = makeData({ type, length: 0 });
  // Arrow leaves out the children.
  const children = childrenOf(type).map((field) => emptyData(field.type));
  return data.clone(type, 0, 0, 0, data.buffers, children);
}
