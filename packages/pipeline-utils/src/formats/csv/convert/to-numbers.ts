import { type Data, type Float, type Int, makeData, Precision } from "apache-arrow";
import { DECIMAL, INTEGER, NOT_A_NUMBER, parseNumber } from "../parse-number.js";
import { type TextBatch } from "../text-batch.js";
import { convertEach, type Misfit, textAt } from "./convert-each.js";
import { parseWhole } from "./parse-whole.js";

/** Codes that inference leaves as text, such as `007` and `+1`, are numbers where numbers are asked for. */
const NUMBER = /^ *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *$/;
const INFINITE = /inf/i;

/**
 * Texts as Float64 or, rounded to it, Float32. A number that is too large for the type is a misfit, not an infinity.
 *
 * @param mustBeWhole - Whether what is no integer, but rounded to one, is a misfit too.
 */
export function toFloats(texts: TextBatch, type: Float, mustBeWhole: boolean, misfit: Misfit): Data<Float> {
  const { length } = texts;
  const data = type.precision === Precision.SINGLE ? new Float32Array(length) : new Float64Array(length);
  const value = new Float64Array(1);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const kind = parseAnyNumber(bytes, start, end, value);
    if (kind === NOT_A_NUMBER) return false;
    const number = value[0]!;
    data[row] = number;
    if (mustBeWhole && kind !== INTEGER && Number.isInteger(number))
      return parseWhole(textAt(bytes, start, end)) !== undefined;
    return Math.abs(data[row]) !== Infinity || INFINITE.test(textAt(bytes, start, end));
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as integers of up to 32 bits. */
export function toIntegers(texts: TextBatch, type: Int, misfit: Misfit): Data<Int> {
  const { length } = texts;
  const least = type.isSigned ? -(2 ** (type.bitWidth - 1)) : 0;
  const most = least + 2 ** type.bitWidth - 1;
  const data = integerArray(type, length);
  const value = new Float64Array(1);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const isPlain = parseNumber(bytes, start, end, value, 0) === INTEGER;
    const number = isPlain ? value[0]! : Number(parseWhole(textAt(bytes, start, end)) ?? NaN);
    data[row] = number;
    return number >= least && number <= most;
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as integers of 64 bits, all exact. */
export function toLongIntegers(texts: TextBatch, type: Int, misfit: Misfit): Data<Int> {
  const { length } = texts;
  const data = type.isSigned ? new BigInt64Array(length) : new BigUint64Array(length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const value = parseWhole(textAt(bytes, start, end));
    if (value === undefined) return false;
    data[row] = value;
    return data[row] === value;
  });
  return makeData({ type, length, data, ...validity });
}

/** Returns the kind of number, or NOT_A_NUMBER. */
function parseAnyNumber(bytes: Uint8Array, start: number, end: number, value: Float64Array): number {
  const kind = parseNumber(bytes, start, end, value, 0);
  if (kind !== NOT_A_NUMBER) return kind;
  const text = textAt(bytes, start, end);
  if (!NUMBER.test(text)) return NOT_A_NUMBER;
  value[0] = Number(text);
  return DECIMAL;
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
