import {
  Binary,
  DataType,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import type { Data, Field } from "apache-arrow";
import { SerialisationError } from "../../errors.js";
import { writableNames } from "../writable-names.js";

/**
 * Batches that the encoder accepts, all with the schema of the first.
 *
 * Fields may differ in two ways that do not change values. Arrow numbers dictionaries anew with each type that is made.
 * Whether a column may have nulls is decided by the first batch.
 *
 * @throws {SerialisationError} The names or types of two batches differ, or the names cannot be written.
 */
export async function* encodableBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncIterable<RecordBatch> {
  let schema: Schema | undefined;
  for await (const given of batches) {
    const batch = encodableBatch(given);
    if (schema === undefined) {
      writableNames(batch.schema, "Parquet");
    }
    schema ??= batch.schema;
    const [kind, expected] = [schemaText(batch.schema), schemaText(schema)];
    if (kind !== expected) {
      throw new SerialisationError(`a batch of ${kind} cannot be written after one of ${expected}`);
    }
    yield batch.schema === schema ? batch : new RecordBatch(schema, batch.data);
  }
}

/** The names and types of a schema's fields. Arrow's own text leaves out the widths of decimals. */
function schemaText(schema: Schema): string {
  const types: readonly DataType[] = schema.fields.map((field: Field<DataType>) => field.type);
  const widths = types.filter((type) => DataType.isDecimal(type)).map(({ bitWidth }) => ` ${bitWidth} bits`);
  return String(schema) + widths.join("");
}

/**
 * Make a batch whose columns the encoder accepts.
 *
 * The encoder rejects slices of two kinds of columns, so these are rebuilt:
 *
 * - A slice of a Null column does not know how many of its rows are null.
 * - A slice of views of texts or bytes has more views than it states. Views become Utf8 and Binary, which Parquet
 *   stores anyway.
 */
export function encodableBatch(batch: RecordBatch): RecordBatch {
  const { numRows, schema, data } = batch;
  const children = data.children.map(encodableData);
  if (children.every((child, index) => child === data.children[index])) {
    return batch;
  }
  const type = structType(schema.fields, children);
  const struct = makeData({ type, length: numRows, nullCount: 0, children });
  return new RecordBatch(new Schema(type.children, schema.metadata), struct);
}

function encodableData(data: Data): Data {
  const type: DataType = data.type;
  if (DataType.isNull(type)) {
    return makeData({ type: new Null(), length: data.length });
  }
  if (DataType.isUtf8View(type)) {
    return withoutViews(data, new Utf8());
  }
  if (DataType.isBinaryView(type)) {
    return withoutViews(data, new Binary());
  }
  // Arrow makes structs of no rows without children.
  if (!DataType.isStruct(type) || data.length === 0) {
    return data;
  }
  const children = data.children.map(encodableData);
  if (children.every((child, index) => child === data.children[index])) {
    return data;
  }
  const { offset, length, nullCount, buffers } = data;
  return data.clone(structType(type.children, children), offset, length, nullCount, buffers, children);
}

/** The struct of some fields, with the types of their data. */
function structType(fields: readonly Field[], children: readonly Data[]): Struct {
  return new Struct(fields.map((field, index) => field.clone({ type: children[index]!.type })));
}

function withoutViews(data: Data, type: Utf8 | Binary): Data {
  const { data: chunks }: Vector<Utf8 | Binary> = vectorFromArray([...new Vector([data])], type);
  return chunks[0] ?? makeData({ type, length: 0 });
}
