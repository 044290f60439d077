import {
  type Bool,
  type Data,
  DataType,
  type Date_,
  type Dictionary,
  type Float,
  type Int,
  type LargeUtf8,
  type Timestamp,
  type Utf8,
  type Utf8View,
} from "apache-arrow";

// Arrow's own guards narrow a type; these narrow the data of a type, and with it the type of its values.

export const isFloatData = (data: Data): data is Data<Float> => DataType.isFloat(data.type);
export const isIntData = (data: Data): data is Data<Int> => DataType.isInt(data.type);
export const isBoolData = (data: Data): data is Data<Bool> => DataType.isBool(data.type);
export const isUtf8Data = (data: Data): data is Data<Utf8> => DataType.isUtf8(data.type);
export const isLargeUtf8Data = (data: Data): data is Data<LargeUtf8> => DataType.isLargeUtf8(data.type);
export const isUtf8ViewData = (data: Data): data is Data<Utf8View> => DataType.isUtf8View(data.type);
export const isDateData = (data: Data): data is Data<Date_> => DataType.isDate(data.type);
export const isTimestampData = (data: Data): data is Data<Timestamp> => DataType.isTimestamp(data.type);
export const isDictionaryData = (data: Data): data is Data<Dictionary> => DataType.isDictionary(data.type);
