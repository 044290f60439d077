import { type Data, Float64, Int32, makeData } from "apache-arrow";
import { type ColumnBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { NumberBatch } from "./number-batch.js";
import { INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./parse-number.js";
import { takeEach } from "./take-each.js";
import { allNull, type Validity } from "./validity.js";

interface Batch {
  readonly values: Int8Array | Int16Array | Int32Array | Float64Array;
  readonly validity: Validity;
}

/** Numbers: Int32 where all are integers that fit, else Float64. */
export class NumberColumn implements ColumnBuilder {
  /** Where a scanner may read the column's numbers, and tell so by `Fields.numbers`. */
  readonly numbers = new NumberBatch();
  readonly #batches: Batch[] = [];
  /** The kinds of number seen, as bits `1 << kind`. */
  #kinds = 0;

  /** Whether all are integers and some lie beyond 2^53: only text keeps them as they are. */
  get isInexact(): boolean {
    return (this.#kinds & ~(1 << INTEGER)) === 1 << LARGE_INTEGER;
  }

  appendNulls(rows: number): void {
    this.#batches.push({ values: new Int8Array(rows), validity: allNull(rows) });
  }

  append(fields: Fields, column: number): boolean {
    const { numbers } = this;
    const { records } = fields;
    if (fields.numbers[column] === undefined) readAll(fields, column, numbers);
    const { kinds } = numbers;
    if ((kinds & (1 << NOT_A_NUMBER)) !== 0) return false;
    this.#kinds |= kinds;
    const { values, validity } = numbers.take(records);
    const isInteger = (kinds & ~(1 << INTEGER)) === 0;
    this.#batches.push({ values: isInteger ? narrowed(values) : values.slice(), validity });
    return true;
  }

  finish(): Data[] {
    const isInteger = (this.#kinds & ~(1 << INTEGER)) === 0;
    const isInt32 = isInteger && this.#batches.every(({ values }) => !(values instanceof Float64Array));
    return takeEach(this.#batches, ({ values, validity }) => {
      const length = values.length;
      return isInt32
        ? makeData({ type: new Int32(), length, data: new Int32Array(values), ...validity })
        : makeData({ type: new Float64(), length, data: float64(values), ...validity });
    });
  }
}

function readAll(fields: Fields, column: number, numbers: NumberBatch): void {
  const { bytes, starts, ends, columns, records } = fields;
  for (let record = 0, field = column; record < records; record++, field += columns)
    numbers.read(bytes, starts[field]!, ends[field]!, record);
}

/** A copy of integers in the fewest bytes: a column of digits would else take four times its file's. */
function narrowed(values: Float64Array): Batch["values"] {
  let least = 0;
  let most = 0;
  for (const value of values) {
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  if (least >= -0x80 && most < 0x80) return new Int8Array(values);
  if (least >= -0x8000 && most < 0x8000) return new Int16Array(values);
  if (least >= -0x80000000 && most < 0x80000000) return new Int32Array(values);
  return values.slice();
}

function float64(values: Batch["values"]): Float64Array {
  return values instanceof Float64Array ? values : new Float64Array(values);
}
