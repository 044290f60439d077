import {
  type Bool,
  type Data,
  DataType,
  type Date_,
  type Dictionary,
  type Int,
  type LargeUtf8,
  Precision,
  type Timestamp,
  type Utf8,
  type Utf8View,
  Vector,
} from "apache-arrow";
import { SerialisationError } from "../../../errors.js";
import {
  isBoolData,
  isDateData,
  isDictionaryData,
  isFloatData,
  isIntData,
  isLargeUtf8Data,
  isTimestampData,
  isUtf8Data,
  isUtf8ViewData,
} from "../../data-guards.js";
import { shownType } from "../../schema/shown.js";
import { type ByteSink } from "./byte-sink.js";
import { formatDate, formatTimestamp } from "./format-time.js";
import { nullTest } from "../../null-test.js";
import { putDouble, putInteger } from "./put-number.js";
import { putText } from "./put-text.js";

/** Writes the value of a row, which is not null. */
export type FieldWriter = (sink: ByteSink, row: number) => void;

/** Whether a type has a form in CSV, and so a `fieldWriter`. */
export function isWritable(type: DataType): boolean {
  if (DataType.isFloat(type)) return type.precision !== Precision.HALF;
  if (DataType.isDictionary(type)) return isWritable(type.dictionary as DataType); // `any` in Arrow's declarations
  return (
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    DataType.isInt(type) ||
    DataType.isBool(type) ||
    DataType.isUtf8(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type) ||
    DataType.isNull(type)
  );
}

/**
 * A writer of the values of a batch of a column.
 *
 * @param name - The column's, for errors.
 */
export function fieldWriter(name: string, data: Data): FieldWriter {
  if (isFloatData(data)) {
    const { values } = data;
    return (sink, row) => {
      putDouble(sink, values[row]!);
    };
  }
  if (isIntData(data)) return integerWriter(data);
  if (isBoolData(data)) return booleanWriter(data);
  if (isUtf8Data(data) || isLargeUtf8Data(data)) return textWriter(data);
  if (isUtf8ViewData(data)) return viewWriter(data);
  if (isDictionaryData(data)) return dictionaryWriter(name, data);
  if (isDateData(data)) return timeWriter(name, data, formatDate);
  if (isTimestampData(data)) return timeWriter(name, data, formatTimestamp);
  return () => undefined; // Null: no row has a value
}

function integerWriter({ values }: Data<Int>): FieldWriter {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return (sink, row) => {
      sink.putAscii(String(values[row]));
    };
  }
  return (sink, row) => {
    putInteger(sink, values[row]!);
  };
}

function booleanWriter({ values, offset }: Data<Bool>): FieldWriter {
  return (sink, row) => {
    const bit = offset + row;
    sink.putAscii((values[bit >> 3]! >> (bit & 7)) & 1 ? "true" : "false");
  };
}

function textWriter({ values, valueOffsets }: Data<Utf8> | Data<LargeUtf8>): FieldWriter {
  return (sink, row) => {
    putText(sink, values, Number(valueOffsets[row]), Number(valueOffsets[row + 1]));
  };
}

function viewWriter(data: Data<Utf8View>): FieldWriter {
  const texts = new Vector([data]);
  const encoder = new TextEncoder();
  return (sink, row) => {
    const bytes = encoder.encode(texts.get(row) ?? "");
    putText(sink, bytes, 0, bytes.length);
  };
}

/** Writes the values of the dictionary, which may be in parts, and null some of them. */
function dictionaryWriter(name: string, { values, dictionary }: Data<Dictionary>): FieldWriter {
  const parts = (dictionary?.data ?? []).map((data: Data) => ({
    length: data.length,
    write: fieldWriter(name, data),
    isNull: nullTest(data),
  }));
  return (sink, row) => {
    let index = Number(values[row]);
    for (const { length, write, isNull } of parts) {
      if (index < length) {
        if (!isNull?.(index)) write(sink, index);
        return;
      }
      index -= length;
    }
  };
}

function timeWriter<T extends Date_ | Timestamp>(
  name: string,
  { type, values }: Data<T>,
  format: (value: T["TArray"][number], type: T) => string | undefined,
): FieldWriter {
  return (sink, row) => {
    const value = values[row]!;
    const text = format(value, type);
    if (text === undefined) {
      throw new SerialisationError(
        `column ${JSON.stringify(name)} holds ${value} as ${shownType(type)}, which is outside the years 0000 to 9999 that have a form in CSV`,
      );
    }
    sink.putAscii(text);
  };
}
