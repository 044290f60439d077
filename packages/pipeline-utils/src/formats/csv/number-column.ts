import { type Data, Float64, Int32, makeData } from "apache-arrow";
import { type LateBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { compactNumbers, type CompactNumbers, toFloat64 } from "./compact-numbers.js";
import { isSparse, spread, withoutNulls } from "./sparse-numbers.js";
import { NumberBatch } from "./number-batch.js";
import { INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./parse-number.js";
import { taken } from "./taken.js";
import { allNull, type Validity } from "./validity.js";

interface Batch {
  /** Where most rows are null, of the others only. */
  readonly numbers: CompactNumbers;
  readonly rows: number;
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
    this.#batches.push({ numbers: { values: new Int8Array(0), divisor: 1 }, rows, validity: allNull(rows) });
  }

  append(fields: Fields, column: number): boolean {
    const { batch } = this;
    if (fields.numberBatches[column] === undefined) readAll(fields, column, batch);
    const { kinds } = batch;
    if ((kinds & (1 << NOT_A_NUMBER)) !== 0) return false;
    this.#kinds |= kinds;
    const rows = fields.records;
    const { values, validity } = batch.take(rows);
    const kept = isSparse(rows, validity) ? withoutNulls(values, validity) : values;
    this.#batches.push({ numbers: compactNumbers(kept), rows, validity });
    return true;
  }

  takeBatch(): Data {
    this.#isInt32 ??=
      (this.#kinds & ~(1 << INTEGER)) === 0 &&
      this.#batches.every(({ numbers }) => !(numbers.values instanceof Float64Array));
    const { numbers, rows: length, validity } = taken(this.#batches);
    const isPart = isSparse(length, validity);
    if (this.#isInt32) {
      const values = new Int32Array(numbers.values);
      const data = isPart ? spread(values, new Int32Array(length), validity) : values;
      return makeData({ type: new Int32(), length, data, ...validity });
    }
    const values = toFloat64(numbers);
    const data = isPart ? spread(values, new Float64Array(length), validity) : values;
    return makeData({ type: new Float64(), length, data, ...validity });
  }
}

function readAll(fields: Fields, column: number, batch: NumberBatch): void {
  const { bytes, starts, ends, columns, records } = fields;
  for (let record = 0, field = column; record < records; record++, field += columns)
    batch.read(bytes, starts[field]!, ends[field]!, record);
}
