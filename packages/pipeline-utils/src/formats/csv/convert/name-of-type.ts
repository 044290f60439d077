import { DataType, type Float, Precision } from "apache-arrow";

/** What a value of a type is called in messages; undefined for a type that a CSV column cannot be read as. */
export function nameOfType(type: DataType): string | undefined {
  if (DataType.isUtf8(type)) return "text";
  if (DataType.isBool(type)) return "true or false";
  if (DataType.isInt(type))
    return `an integer of ${type.bitWidth} bits${type.isSigned ? "" : ", not negative"}`;
  if (DataType.isFloat(type)) return nameOfFloat(type);
  if (DataType.isDate(type)) return "a date";
  if (DataType.isTimestamp(type)) return "a date and time";
  if (!DataType.isDictionary(type) || !DataType.isUtf8(type.dictionary)) return undefined;
  const { bitWidth }: { bitWidth: number } = type.indices;
  // A caller without types may ask for more, by which Arrow's JavaScript reads no dictionary.
  return bitWidth > 32 ? undefined : `one of at most 2^${bitWidth} distinct texts`;
}

function nameOfFloat({ precision }: Float): string | undefined {
  if (precision === Precision.HALF) return undefined;
  return precision === Precision.SINGLE ? "a number of 32 bits" : "a number";
}
