import type { Data } from "apache-arrow";
import { Float64, Int32, makeData } from "apache-arrow";
import { ASCII } from "./ascii.js";
import type { ColumnMemory, CompactNumbers } from "./column-memory.js";
import { compactNumbers, isSparse, spread, takeFirst, withoutNulls } from "./column-memory.js";
import { CommaNumberBatch, swapMarksOfTexts } from "./decimal-comma.js";
import type { DecimalMark } from "./decimal-comma.js";
import { POWERS_OF_TEN } from "./exact-arithmetic.js";
import type { Decimals } from "./number-batch.js";
import { NumberBatch } from "./number-batch.js";
import { INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./number-parser.js";
import type { Fields } from "./record-scanner.js";
import type { TextBatch } from "./text-column.js";
import { scratchFor } from "./text-column.js";
import type { Validity } from "./validity.js";
import { allNull, hasValue } from "./validity.js";

const { MINUS, POINT, ZERO } = ASCII;

/** Limit of the bytes of a plain number. */
const MAX_PLAIN_BYTES = 32;
/** First estimate of the bytes per number in the texts of a batch. */
const USUAL_BYTES_PER_NUMBER = 8;

interface CompactBatch {
  /** If most rows are null, only the numbers of the others. */
  readonly numbers: CompactNumbers;
  /** The spelling of the numbers; undefined if it is unknown. */
  readonly decimals: Decimals | undefined;
  readonly rows: number;
  readonly validity: Validity;
}

/** Numbers: Int32 if all are integers that fit, else Float64. */
export class NumberColumn {
  /** A scanner may parse the column's numbers into this batch. `Fields.numberBatches` shows whether it did. */
  readonly batch: NumberBatch;
  readonly #decimal: DecimalMark;
  readonly #batches: CompactBatch[] = [];
  /** The kinds of number seen, as bits `1 << kind`. */
  #kinds = 0;
  /** Whether the column is Int32; known when all batches are there. */
  #isInt32: boolean | undefined;

  constructor(decimal: DecimalMark) {
    this.#decimal = decimal;
    this.batch = decimal === "," ? new CommaNumberBatch() : new NumberBatch();
  }

  /** Whether all are integers and some exceed 2^53. Only text keeps these exact. */
  get isInexact(): boolean {
    return (this.#kinds & ~(1 << INTEGER)) === 1 << LARGE_INTEGER;
  }

  /** The number of batches that were appended and not taken yet. */
  get batches(): number {
    return this.#batches.length;
  }

  /** Whether it is known how the values of the last batch were spelled. */
  get keepsTexts(): boolean {
    return this.#batches.at(-1)?.decimals !== undefined;
  }

  appendNulls(rows: number): void {
    const numbers = { values: new Int8Array(0), divisor: 1 };
    this.#batches.push({ numbers, decimals: { least: 0, most: 0 }, rows, validity: allNull(rows) });
  }

  append(fields: Fields, column: number, { lasting, passing }: ColumnMemory): boolean {
    if (fields.numberBatches[column] === undefined) {
      readFields(fields, column, this.batch);
    }
    const rows = fields.records;
    const { values, decimals, validity, kinds } = this.batch.take(rows);
    if ((kinds & (1 << NOT_A_NUMBER)) !== 0) {
      return false;
    }
    this.#kinds |= kinds;
    const numbers = isSparse(rows, validity)
      ? compactNumbers(withoutNulls(values, validity), passing, passing)
      : compactNumbers(values, passing, lasting);
    this.#batches.push({ numbers, decimals, rows, validity });
    return true;
  }

  takeBatch({ lasting }: ColumnMemory): Data {
    this.#isInt32 ??=
      (this.#kinds & ~(1 << INTEGER)) === 0 &&
      this.#batches.every(({ numbers }) => !(numbers.values instanceof Float64Array));
    const { numbers, rows: length, validity } = takeFirst(this.#batches);
    const { values, divisor } = numbers;
    const isPart = isSparse(length, validity);
    if (!this.#isInt32 && !isPart && values instanceof Float64Array) {
      return makeData({ type: new Float64(), length, data: values, ...validity });
    }
    const data = this.#isInt32 ? lasting.array(Int32Array, length) : lasting.array(Float64Array, length);
    if (isPart) {
      spread(values, data, validity);
    } else {
      data.set(values);
    }
    if (data instanceof Int32Array) {
      return makeData({ type: new Int32(), length, data, ...validity });
    }
    if (divisor !== 1) {
      for (let row = 0; row < length; row++) {
        data[row]! /= divisor;
      }
    }
    return makeData({ type: new Float64(), length, data, ...validity });
  }

  /** Alternative to `takeBatch`: the texts as they were spelled; undefined if the spelling is unknown. */
  takeTexts(): TextBatch | undefined {
    const { numbers, decimals, rows, validity } = takeFirst(this.#batches);
    if (decimals === undefined) {
      return undefined;
    }
    const texts = textsOfNumbers(numbers, decimals, validity, rows);
    return this.#decimal === "," ? swapMarksOfTexts(texts) : texts;
  }
}

function readFields(fields: Fields, column: number, batch: NumberBatch): void {
  const { bytes, starts, ends, columns, records } = fields;
  for (let record = 0, field = column; record < records; record++, field += columns) {
    batch.read(bytes, starts[field]!, ends[field]!, record);
  }
}

/**
 * The texts of plain numbers, as they were spelled.
 *
 * @returns Views of memory that the next call overwrites.
 */
function textsOfNumbers(
  { values, divisor }: CompactNumbers,
  decimals: Decimals,
  validity: Validity,
  rows: number,
): TextBatch {
  const { nullBitmap } = validity;
  const isPart = values.length < rows;
  const { values: scratch, valueOffsets, lengths } = scratchFor(USUAL_BYTES_PER_NUMBER * rows, rows);
  let texts = scratch;
  let longest = 0;
  let index = 0;
  for (let row = 0, used = 0; row < rows; row++) {
    if (nullBitmap === undefined || hasValue(nullBitmap, row)) {
      if (used + MAX_PLAIN_BYTES > texts.length) {
        texts = grown(texts, used);
      }
      const length = putPlainNumber(texts, used, values[index++]! / divisor, decimals);
      used += length;
      lengths[row] = length;
      longest = Math.max(longest, length);
    } else {
      lengths[row] = 0;
      if (!isPart) {
        index++;
      }
    }
    valueOffsets[row + 1] = used;
  }
  const used = valueOffsets[rows]!;
  return {
    values: texts.subarray(0, used),
    haveOwnMemory: false,
    valueOffsets: valueOffsets.subarray(0, rows + 1),
    lengths: lengths.subarray(0, rows),
    length: rows,
    longest,
    validity,
  };
}

/** Write a number of up to 15 digits. Returns the number of bytes written. */
function putPlainNumber(texts: Uint8Array, start: number, value: number, { least, most }: Decimals): number {
  const magnitude = Math.abs(value);
  let decimals = least;
  let power = POWERS_OF_TEN[decimals]!;
  let scaled = Math.round(magnitude * power);
  while (decimals < most && scaled / power !== magnitude) {
    power = POWERS_OF_TEN[++decimals]!;
    scaled = Math.round(magnitude * power);
  }
  let digits = 1;
  for (let next = 10; next <= scaled; next *= 10) {
    digits++;
  }
  const from = start + (value < 0 ? 1 : 0);
  const end = from + Math.max(digits, decimals + 1) + (decimals > 0 ? 1 : 0);
  const point = decimals > 0 ? end - 1 - decimals : -1;
  let rest = scaled;
  for (let at = end - 1; at >= from; at--) {
    if (at === point) {
      texts[at] = POINT;
    } else {
      const tenth = Math.floor(rest / 10);
      texts[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
  }
  if (value < 0) {
    texts[start] = MINUS;
  }
  return end - start;
}

function grown(texts: Uint8Array<ArrayBuffer>, used: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * texts.length + MAX_PLAIN_BYTES);
  larger.set(texts.subarray(0, used));
  return larger;
}
