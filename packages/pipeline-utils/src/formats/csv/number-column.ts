import { type Data, Float64, Int32, makeData } from "apache-arrow";
import { type TypedBuilder } from "./column-builder.js";
import { type ColumnMemory } from "./column-memory.js";
import { compactNumbers, type CompactNumbers } from "./compact-numbers.js";
import { type Fields } from "./fields.js";
import { NumberBatch } from "./number-batch.js";
import { type Decimals } from "./number-form.js";
import { INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./parse-number.js";
import { isSparse, spread, withoutNulls } from "./sparse-numbers.js";
import { taken } from "./taken.js";
import { type TextBatch } from "./text-batch.js";
import { textsOfNumbers } from "./texts-of-numbers.js";
import { allNull, type Validity } from "./validity.js";

interface Batch {
  /** Where most rows are null, of the others only. */
  readonly numbers: CompactNumbers;
  /** How they were written; undefined where that is not known. */
  readonly decimals: Decimals | undefined;
  readonly rows: number;
  readonly validity: Validity;
}

/** Numbers: Int32 where all are integers that fit, else Float64. */
export class NumberColumn implements TypedBuilder {
  /** Where a scanner may read the column's numbers, and tell so by `Fields.numberBatches`. */
  readonly batch = new NumberBatch();
  readonly #batches: Batch[] = [];
  /** The kinds of number seen, as bits `1 << kind`. */
  #kinds = 0;
  /** Whether the column is Int32, as is known when all batches are there. */
  #isInt32: boolean | undefined;

  /** Whether all are integers and some lie beyond 2^53: only text keeps them as they are. */
  get isInexact(): boolean {
    return (this.#kinds & ~(1 << INTEGER)) === 1 << LARGE_INTEGER;
  }

  get batches(): number {
    return this.#batches.length;
  }

  get keepsTexts(): boolean {
    return this.#batches.at(-1)?.decimals !== undefined;
  }

  appendNulls(rows: number): void {
    const numbers = { values: new Int8Array(0), divisor: 1 };
    this.#batches.push({ numbers, decimals: { least: 0, most: 0 }, rows, validity: allNull(rows) });
  }

  append(fields: Fields, column: number, { lasting, passing }: ColumnMemory): boolean {
    if (fields.numberBatches[column] === undefined) readAll(fields, column, this.batch);
    const rows = fields.records;
    const { values, decimals, validity, kinds } = this.batch.take(rows);
    if ((kinds & (1 << NOT_A_NUMBER)) !== 0) return false;
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
    const { numbers, rows: length, validity } = taken(this.#batches);
    const { values, divisor } = numbers;
    const isPart = isSparse(length, validity);
    if (!this.#isInt32 && !isPart && values instanceof Float64Array) {
      return makeData({ type: new Float64(), length, data: values, ...validity });
    }
    const data = this.#isInt32 ? lasting.array(Int32Array, length) : lasting.array(Float64Array, length);
    if (isPart) spread(values, data, validity);
    else data.set(values);
    if (data instanceof Int32Array) return makeData({ type: new Int32(), length, data, ...validity });
    if (divisor !== 1) for (let row = 0; row < length; row++) data[row]! /= divisor;
    return makeData({ type: new Float64(), length, data, ...validity });
  }

  takeTexts(): TextBatch | undefined {
    const { numbers, decimals, rows, validity } = taken(this.#batches);
    return decimals === undefined ? undefined : textsOfNumbers(numbers, decimals, validity, rows);
  }
}

function readAll(fields: Fields, column: number, batch: NumberBatch): void {
  const { bytes, starts, ends, columns, records } = fields;
  for (let record = 0, field = column; record < records; record++, field += columns)
    batch.read(bytes, starts[field]!, ends[field]!, record);
}
