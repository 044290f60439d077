import {
  Binary,
  type Data,
  DataType,
  type Field,
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
 * A slice of a Null column says that it does not know how many of its rows are null, and a slice of views of texts or bytes has
 * more views than it says: they are made anew, views as Utf8 and Binary, as which Parquet has them anyway.
 */
export function portableBatch(batch: RecordBatch): RecordBatch {
  const fields: readonly Field[] = batch.schema.fields;
  const children = batch.data.children.map(portableData);
  if (children.every((child, index) => child === batch.data.children[index])) return batch;
  const changed = fields.map((field, index) => field.clone({ type: children[index]!.type }));
  const struct = makeData({ type: new Struct(changed), length: batch.numRows, nullCount: 0, children });
  return new RecordBatch(new Schema(changed, batch.schema.metadata), struct);
}

function portableData(data: Data): Data {
  const type: DataType = data.type;
  if (DataType.isNull(type)) return makeData({ type: new Null(), length: data.length });
  if (DataType.isUtf8View(type)) return remade(data, new Utf8());
  return DataType.isBinaryView(type) ? remade(data, new Binary()) : data;
}

function remade(data: Data, type: Utf8 | Binary): Data {
  const { data: chunks }: Vector<Utf8 | Binary> = vectorFromArray([...new Vector([data])], type);
  return chunks[0] ?? makeData({ type, length: 0 });
}
