import { type Data, Float64, Int32, makeData } from "apache-arrow";
import { type ColumnBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { DECIMAL, INTEGER, LARGE_INTEGER, NOT_A_NUMBER, parseNumber } from "./parse-number.js";
import { takeEach } from "./take-each.js";
import { allNull, type Validity, ValidityBuilder } from "./validity.js";

interface Batch {
  readonly values: Int8Array | Int16Array | Int32Array | Float64Array;
  readonly validity: Validity;
}

/** Numbers: Int32 where all are integers that fit, else Float64. */
export class NumberColumn implements ColumnBuilder {
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
    const { bytes, starts, ends, columns, records } = fields;
    // Where decimals came before, they are likely again: then the numbers are parsed to where they stay.
    const isScratch = (this.#kinds & (1 << DECIMAL)) === 0;
    const values = isScratch ? scratchFor(records) : new Float64Array(records);
    const validity = new ValidityBuilder(records);
    let kinds = 0;
    for (let record = 0, field = column; record < records; record++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) {
        validity.setNull(record);
        values[record] = 0;
        continue;
      }
      const kind = end < 0 ? NOT_A_NUMBER : parseNumber(bytes, start, end, values, record);
      if (kind === NOT_A_NUMBER) return false;
      kinds |= 1 << kind;
    }
    this.#kinds |= kinds;
    const used = values.subarray(0, records);
    const isInteger = (kinds & ~(1 << INTEGER)) === 0;
    const kept = isInteger ? narrowed(used) : isScratch ? used.slice() : values;
    this.#batches.push({ values: kept, validity: validity.finish() });
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

/** Where a batch's numbers are parsed into; batches are parsed one at a time. */
let scratch = new Float64Array(0);

function scratchFor(records: number): Float64Array {
  if (scratch.length < records) scratch = new Float64Array(records);
  return scratch;
}
