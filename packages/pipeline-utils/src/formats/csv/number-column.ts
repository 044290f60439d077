import { type Data, Float64, Int32, makeData } from "apache-arrow";
import { type LateBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { compactNumbers, type CompactNumbers, toFloat64 } from "./compact-numbers.js";
import { NumberBatch } from "./number-batch.js";
import { INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./parse-number.js";
import { taken } from "./taken.js";
import { allNull, type Validity } from "./validity.js";

interface Batch {
  readonly numbers: CompactNumbers;
  readonly validity: Validity;
}

/** Numbers: Int32 where all are integers that fit, else Float64. */
export class NumberColumn implements LateBuilder {
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

  appendNulls(rows: number): void {
    this.#batches.push({ numbers: { values: new Int8Array(rows), divisor: 1 }, validity: allNull(rows) });
  }

  append(fields: Fields, column: number): boolean {
    const { batch } = this;
    if (fields.numberBatches[column] === undefined) readAll(fields, column, batch);
    const { kinds } = batch;
    if ((kinds & (1 << NOT_A_NUMBER)) !== 0) return false;
    this.#kinds |= kinds;
    const { values, validity } = batch.take(fields.records);
    this.#batches.push({ numbers: compactNumbers(values), validity });
    return true;
  }

  takeBatch(): Data {
    this.#isInt32 ??=
      (this.#kinds & ~(1 << INTEGER)) === 0 &&
      this.#batches.every(({ numbers }) => !(numbers.values instanceof Float64Array));
    const { numbers, validity } = taken(this.#batches);
    const { length } = numbers.values;
    return this.#isInt32
      ? makeData({ type: new Int32(), length, data: new Int32Array(numbers.values), ...validity })
      : makeData({ type: new Float64(), length, data: toFloat64(numbers), ...validity });
  }
}

function readAll(fields: Fields, column: number, batch: NumberBatch): void {
  const { bytes, starts, ends, columns, records } = fields;
  for (let record = 0, field = column; record < records; record++, field += columns)
    batch.read(bytes, starts[field]!, ends[field]!, record);
}
