import { type Data, DataType, Precision, type Utf8 } from "apache-arrow";
import { type Misfit } from "./convert-each.js";
import { toBooleans } from "./to-booleans.js";
import { toDictionary } from "./to-dictionary.js";
import { toFloats, toIntegers, toLongIntegers } from "./to-numbers.js";
import { toDates, toTimestamps } from "./to-times.js";

/** What a value of a type is called in messages; undefined for a type that a CSV column cannot be read as. */
export function nameOfType(type: DataType): string | undefined {
  if (DataType.isUtf8(type)) return "text";
  if (DataType.isBool(type)) return "true or false";
  if (DataType.isInt(type))
    return `an integer of ${type.bitWidth} bits${type.isSigned ? "" : ", not negative"}`;
  if (DataType.isFloat(type)) return type.precision === Precision.HALF ? undefined : "a number";
  if (DataType.isDate(type)) return "a date";
  if (DataType.isTimestamp(type)) return "a date and time";
  if (!DataType.isDictionary(type) || !DataType.isUtf8(type.dictionary)) return undefined;
  return `one of at most 2^${type.indices.bitWidth} distinct texts`;
}

/**
 * Convert a column of text to a type that `nameOfType` knows.
 *
 * @param misfit - Told of each text that is no value of the type, with its row in the column.
 */
export function convertColumn(
  batches: readonly Data<Utf8>[],
  type: DataType,
  misfit: Misfit,
): readonly Data[] {
  const firsts: number[] = [];
  let rows = 0;
  for (const { length } of batches) {
    firsts.push(rows);
    rows += length;
  }
  const misfitOf =
    (batch: number): Misfit =>
    (row, text) => {
      misfit(firsts[batch]! + row, text);
    };
  if (DataType.isDictionary(type)) return toDictionary(batches, type, misfitOf);
  return batches.map((texts, batch) => convertBatch(texts, type, misfitOf(batch)));
}

function convertBatch(texts: Data<Utf8>, type: DataType, misfit: Misfit): Data {
  if (DataType.isBool(type)) return toBooleans(texts, misfit);
  if (DataType.isFloat(type)) return toFloats(texts, type, misfit);
  if (DataType.isDate(type)) return toDates(texts, type, misfit);
  if (DataType.isTimestamp(type)) return toTimestamps(texts, type, misfit);
  if (!DataType.isInt(type)) return texts;
  return type.bitWidth === 64 ? toLongIntegers(texts, type, misfit) : toIntegers(texts, type, misfit);
}
