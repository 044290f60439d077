import {
  Data,
  DataType,
  Dictionary,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Vector,
} from "apache-arrow";
import type { Decimal, Field } from "apache-arrow";
import { isDecimalData, isDictionaryType, nullTest } from "../arrow-data.js";
import { childrenOf, withLeafTypes } from "../arrow-leaves.js";
import { MAX_EXACT_EXPONENT, POWERS_OF_TEN } from "../csv/exact-arithmetic.js";

const WORD_BITS = 32;

/** A schema with Float64 in place of decimals, at any depth. The same schema if there are none. */
export function schemaOfNumbers(schema: Schema): Schema {
  const fields = withLeafTypes(schema.fields, typeOfNumbers);
  return fields === schema.fields ? schema : new Schema(fields, schema.metadata);
}

/** A batch with the nearest doubles in place of decimals. The same batch if there are none. */
export function batchOfNumbers(batch: RecordBatch): RecordBatch {
  const schema = schemaOfNumbers(batch.schema);
  if (schema === batch.schema) {
    return batch;
  }
  const type = new Struct(schema.fields);
  const children = childrenOfNumbers(batch.data, type);
  return new RecordBatch(schema, makeData({ type, length: batch.numRows, nullCount: 0, children }));
}

function typeOfNumbers(type: DataType): DataType {
  if (DataType.isDecimal(type)) {
    return new Float64();
  }
  if (!DataType.isDictionary(type) || !DataType.isDecimal(type.dictionary)) {
    return type;
  }
  return new Dictionary(new Float64(), type.indices, type.id, type.isOrdered);
}

/** @param type - The type of the result. */
function numbersOf(data: Data, type: DataType): Data {
  if (isDecimalData(data)) {
    return doublesOf(data);
  }
  const { offset, length, nullCount, buffers } = data;
  const dictionary: Vector<DataType> | undefined = data.dictionary;
  if (isDictionaryType(type)) {
    const numbers = dictionary && new Vector(dictionary.data.map((part) => numbersOf(part, type.dictionary)));
    return new Data(type, offset, length, nullCount, buffers, [], numbers);
  }
  const children = childrenOfNumbers(data, type);
  return children.every((child, index) => child === data.children[index])
    ? data
    : data.clone(type, offset, length, nullCount, buffers, children);
}

function childrenOfNumbers(data: Data, type: DataType): Data[] {
  return childrenOf(type).flatMap((field: Field<DataType>, index) => {
    const child = data.children[index];
    return child === undefined ? [] : [numbersOf(child, field.type)];
  });
}

function doublesOf(data: Data<Decimal>): Data<Float64> {
  const { type, offset, length, nullCount, nullBitmap, values } = data;
  const words = type.bitWidth / WORD_BITS;
  const isNull = nullTest(data);
  const numbers = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    if (isNull?.(row) !== true) {
      numbers[row] = nearestDouble(values, row * words, words, type.scale);
    }
  }
  return makeData({ type: new Float64(), offset, length, nullCount, nullBitmap, data: numbers });
}

/**
 * The double nearest to a decimal.
 *
 * @param words - The integer, in two's complement, the lowest word first.
 * @param start - Index of its first word.
 * @param count - Count of its words.
 */
function nearestDouble(words: Uint32Array, start: number, count: number, scale: number): number {
  const integer = safeInteger(words, start, count);
  // Both are exact in doubles, so that the one operation gives the nearest double.
  if (integer !== undefined && Math.abs(scale) <= MAX_EXACT_EXPONENT) {
    return scale < 0 ? integer * POWERS_OF_TEN[-scale]! : integer / POWERS_OF_TEN[scale]!;
  }
  let exact = BigInt(words[start + count - 1]! | 0);
  for (let at = start + count - 2; at >= start; at--) {
    exact = (exact << BigInt(WORD_BITS)) | BigInt(words[at]!);
  }
  return Number(`${exact}e${-scale}`);
}

/** The integer of some words; undefined if a double does not hold it exactly. */
function safeInteger(words: Uint32Array, start: number, count: number): number | undefined {
  const low = words[start]!;
  if (count === 1) {
    return low | 0;
  }
  const high = words[start + 1]! | 0;
  const sign = high < 0 ? 2 ** WORD_BITS - 1 : 0;
  for (let at = start + 2; at < start + count; at++) {
    if (words[at] !== sign) {
      return undefined;
    }
  }
  const integer = high * 2 ** WORD_BITS + low;
  return Number.isSafeInteger(integer) ? integer : undefined;
}
