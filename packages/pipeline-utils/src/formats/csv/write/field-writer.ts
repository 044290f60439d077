import {
  type Bool,
  type Data,
  DataType,
  type Dictionary,
  type Int,
  Precision,
  type Utf8,
} from "apache-arrow";
import { SerialisationError } from "../../../errors.js";
import {
  isBoolData,
  isDateData,
  isDictionaryData,
  isFloatData,
  isIntData,
  isTimestampData,
  isUtf8Data,
} from "../../data-guards.js";
import { ByteSink } from "./byte-sink.js";
import { formatDate, formatTimestamp } from "./format-time.js";
import { putDouble, putInteger } from "./put-number.js";
import { putText } from "./put-text.js";

/** Writes the value of a row, which is not null. */
export type FieldWriter = (sink: ByteSink, row: number) => void;

/** Whether a type has a form in CSV, and so a `fieldWriter`. */
export function isWritable(type: DataType): boolean {
  if (DataType.isFloat(type)) return type.precision !== Precision.HALF;
  if (DataType.isDictionary(type)) return DataType.isUtf8(type.dictionary);
  return (
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
  if (isUtf8Data(data)) return textWriter(data);
  if (isDictionaryData(data)) return dictionaryWriter(data);
  if (isDateData(data)) {
    const { type, values } = data;
    return timeWriter(name, (row) => formatDate(values[row]!, type));
  }
  if (isTimestampData(data)) {
    const { type, values } = data;
    return timeWriter(name, (row) => formatTimestamp(values[row]!, type));
  }
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

function textWriter({ values, valueOffsets }: Data<Utf8>): FieldWriter {
  return (sink, row) => {
    putText(sink, values, valueOffsets[row]!, valueOffsets[row + 1]!);
  };
}

/** Each distinct text is put into its form once. */
function dictionaryWriter({ values, dictionary }: Data<Dictionary>): FieldWriter {
  const encoder = new TextEncoder();
  const forms = Array.from((dictionary ?? []) as Iterable<string | null>, (text) => {
    const sink = new ByteSink(64);
    const bytes = encoder.encode(text ?? "");
    if (text !== null) putText(sink, bytes, 0, bytes.length);
    return sink.take();
  });
  return (sink, row) => {
    sink.putBytes(forms[values[row]!]!);
  };
}

function timeWriter(name: string, format: (row: number) => string | undefined): FieldWriter {
  return (sink, row) => {
    const text = format(row);
    if (text === undefined) {
      throw new SerialisationError(
        `column "${name}": a date outside the years 0000 to 9999 has no form in CSV`,
      );
    }
    sink.putAscii(text);
  };
}
