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
  const { numRows, schema, data } = batch;
  const children = data.children.map(portableData);
  if (children.every((child, index) => child === data.children[index])) return batch;
  const type = structOf(schema.fields, children);
  const struct = makeData({ type, length: numRows, nullCount: 0, children });
  return new RecordBatch(new Schema(type.children, schema.metadata), struct);
}

function portableData(data: Data): Data {
  const type: DataType = data.type;
  if (DataType.isNull(type)) return makeData({ type: new Null(), length: data.length });
  if (DataType.isUtf8View(type)) return remade(data, new Utf8());
  if (DataType.isBinaryView(type)) return remade(data, new Binary());
  // Arrow makes structs without rows that have no children.
  if (!DataType.isStruct(type) || data.length === 0) return data;
  const children = data.children.map(portableData);
  if (children.every((child, index) => child === data.children[index])) return data;
  const { offset, length, nullCount, buffers } = data;
  return data.clone(structOf(type.children, children), offset, length, nullCount, buffers, children);
}

/** The struct of some fields, of the types that their data have. */
function structOf(fields: readonly Field[], children: readonly Data[]): Struct {
  return new Struct(fields.map((field, index) => field.clone({ type: children[index]!.type })));
}

function remade(data: Data, type: Utf8 | Binary): Data {
  const { data: chunks }: Vector<Utf8 | Binary> = vectorFromArray([...new Vector([data])], type);
  return chunks[0] ?? makeData({ type, length: 0 });
}
