import { DataType } from "apache-arrow";
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
