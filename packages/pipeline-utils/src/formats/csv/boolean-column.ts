import { Bool, type Data, makeData } from "apache-arrow";
import { type TypedBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { NOT_A_BOOLEAN, parseBoolean, TRUE } from "./parse-boolean.js";
import { taken } from "./taken.js";
import { nullTexts, type TextBatch } from "./text-batch.js";
import { onlySpelling, spellingOf, textsOfBooleans } from "./texts-of-booleans.js";
import { allNull, ValidityBuilder } from "./validity.js";

interface Batch {
  readonly data: Data<Bool>;
  /** How they were written, as bits; 0 where all are null. */
  readonly spellings: number;
}

/** Truth values. */
export class BooleanColumn implements TypedBuilder {
  readonly #batches: Batch[] = [];

  get batches(): number {
    return this.#batches.length;
  }

  get keepsTexts(): boolean {
    const spellings = this.#batches.at(-1)?.spellings ?? 0;
    return spellings === 0 || onlySpelling(spellings) !== undefined;
  }

  appendNulls(rows: number): void {
    const data = new Uint8Array((rows + 7) >> 3);
    this.#batches.push({
      data: makeData({ type: new Bool(), length: rows, data, ...allNull(rows) }),
      spellings: 0,
    });
  }

  append(fields: Fields, column: number): boolean {
    const { bytes, starts, ends, columns, records } = fields;
    const data = new Uint8Array((records + 7) >> 3);
    const validity = new ValidityBuilder();
    let spellings = 0;
    for (let record = 0, field = column; record < records; record++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) {
        validity.setNull(record);
        continue;
      }
      const value = end < 0 ? NOT_A_BOOLEAN : parseBoolean(bytes, start, end);
      if (value === NOT_A_BOOLEAN) return false;
      if (value === TRUE) data[record >> 3]! |= 1 << (record & 7);
      spellings |= spellingOf(bytes, start);
    }
    this.#batches.push({
      data: makeData({ type: new Bool(), length: records, data, ...validity.take(records) }),
      spellings,
    });
    return true;
  }

  takeBatch(): Data {
    return taken(this.#batches).data;
  }

  takeTexts(): TextBatch | undefined {
    const { data, spellings } = taken(this.#batches);
    if (spellings === 0) return nullTexts(data.length);
    const spelling = onlySpelling(spellings);
    return spelling && textsOfBooleans(data, spelling);
  }
}
