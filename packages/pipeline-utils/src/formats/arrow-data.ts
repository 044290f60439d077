import { DataType, Field, makeData, RecordBatch, Schema, Struct, Table } from "apache-arrow";
import type {
  Bool,
  Data,
  Date_,
  Decimal,
  Dictionary,
  Float,
  Int,
  LargeUtf8,
  Timestamp,
  Utf8,
  Utf8View,
} from "apache-arrow";
import { childrenOf } from "./arrow-leaves.js";

// Arrow's own guards narrow a type. These narrow the data of a type, and with it the type of the values.

export const isFloatData = (data: Data): data is Data<Float> => DataType.isFloat(data.type);
export const isIntData = (data: Data): data is Data<Int> => DataType.isInt(data.type);
export const isBoolData = (data: Data): data is Data<Bool> => DataType.isBool(data.type);
export const isUtf8Data = (data: Data): data is Data<Utf8> => DataType.isUtf8(data.type);
export const isLargeUtf8Data = (data: Data): data is Data<LargeUtf8> => DataType.isLargeUtf8(data.type);
export const isUtf8ViewData = (data: Data): data is Data<Utf8View> => DataType.isUtf8View(data.type);
export const isDateData = (data: Data): data is Data<Date_> => DataType.isDate(data.type);
export const isTimestampData = (data: Data): data is Data<Timestamp> => DataType.isTimestamp(data.type);
export const isDecimalData = (data: Data): data is Data<Decimal> => DataType.isDecimal(data.type);
export const isDictionaryType = (type: DataType): type is Dictionary<DataType> => DataType.isDictionary(type);
export const isDictionaryData = (data: Data): data is Data<Dictionary> => DataType.isDictionary(data.type);

/**
 * A function that returns whether a row is null; undefined if no row is.
 *
 * Arrow's own `getValid` counts the nulls at each call.
 */
export function nullTest(data: Data): ((row: number) => boolean) | undefined {
  if (DataType.isNull(data.type)) {
    return () => true;
  }
  if (data.nullCount === 0) {
    return undefined;
  }
  const { nullBitmap, offset } = data;
  return (row) => ((nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1) === 0;
}

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
