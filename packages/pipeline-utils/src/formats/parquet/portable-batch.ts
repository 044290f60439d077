import {
  type Data,
  DataType,
  Field,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";

/**
 * A batch whose columns the encoder takes.
 *
 * A slice of a Null column says that it does not know how many of its rows are null, and a slice of a Utf8View one has
 * more views than it says: both are made anew, the latter as Utf8, as which Parquet has it anyway.
 */
export function portableBatch(batch: RecordBatch): RecordBatch {
  const { fields } = batch.schema;
  if (!fields.some(({ type }) => isUnportable(type))) return batch;
  const children = batch.data.children.map(portableData);
  const types = children.map(
    (child, index) => new Field(fields[index]!.name, child.type, fields[index]!.nullable),
  );
  const struct = makeData({ type: new Struct(types), length: batch.numRows, nullCount: 0, children });
  return new RecordBatch(new Schema(types, batch.schema.metadata), struct);
}

function isUnportable(type: unknown): boolean {
  return DataType.isNull(type) || DataType.isUtf8View(type);
}

function portableData(data: Data): Data {
  if (DataType.isNull(data.type)) return makeData({ type: new Null(), length: data.length });
  if (!DataType.isUtf8View(data.type)) return data;
  const texts: Vector<Utf8> = vectorFromArray([...new Vector([data])] as (string | null)[], new Utf8());
  return texts.data[0] ?? makeData({ type: new Utf8(), length: 0 });
}
