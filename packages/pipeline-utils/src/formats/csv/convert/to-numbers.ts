import { type Data, type Float, type Int, makeData, Precision, type Utf8 } from "apache-arrow";
import { NOT_A_NUMBER, parseNumber } from "../parse-number.js";
import { convertEach, type Misfit, textAt } from "./convert-each.js";

/** Codes that inference leaves as text, such as `007` and `+1`, are numbers where numbers are asked for. */
const NUMBER = /^ *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *$/;
const INTEGER = /^ *[+-]?\d+ *$/;

/** Texts as Float64 or, rounded to it, Float32. */
export function toFloats(texts: Data<Utf8>, type: Float, misfit: Misfit): Data<Float> {
  const { length } = texts;
  const data = type.precision === Precision.SINGLE ? new Float32Array(length) : new Float64Array(length);
  const value = new Float64Array(1);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const isNumber = parseAnyNumber(bytes, start, end, value);
    data[row] = value[0]!;
    return isNumber;
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as integers of up to 32 bits. */
export function toIntegers(texts: Data<Utf8>, type: Int, misfit: Misfit): Data<Int> {
  const { length } = texts;
  const least = type.isSigned ? -(2 ** (type.bitWidth - 1)) : 0;
  const most = least + 2 ** type.bitWidth - 1;
  const data = integerArray(type, length);
  const value = new Float64Array(1);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    if (!parseAnyNumber(bytes, start, end, value)) return false;
    const number = value[0]!;
    data[row] = number;
    return Number.isInteger(number) && number >= least && number <= most;
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as integers of 64 bits, all exact. */
export function toLongIntegers(texts: Data<Utf8>, type: Int, misfit: Misfit): Data<Int> {
  const { length } = texts;
  const data = type.isSigned ? new BigInt64Array(length) : new BigUint64Array(length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const text = textAt(bytes, start, end);
    if (!INTEGER.test(text) || text.length > 64) return false;
    const value = BigInt(text.replace("+", ""));
    data[row] = value;
    return data[row] === value;
  });
  return makeData({ type, length, data, ...validity });
}

function parseAnyNumber(bytes: Uint8Array, start: number, end: number, value: Float64Array): boolean {
  if (parseNumber(bytes, start, end, value, 0) !== NOT_A_NUMBER) return true;
  const text = textAt(bytes, start, end);
  if (!NUMBER.test(text)) return false;
  value[0] = Number(text);
  return true;
}

function integerArray(
  type: Int,
  length: number,
): Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array {
  switch (type.bitWidth) {
    case 8:
      return type.isSigned ? new Int8Array(length) : new Uint8Array(length);
    case 16:
      return type.isSigned ? new Int16Array(length) : new Uint16Array(length);
    default:
      return type.isSigned ? new Int32Array(length) : new Uint32Array(length);
  }
}
