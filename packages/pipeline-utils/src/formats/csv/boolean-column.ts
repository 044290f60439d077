import { Bool, type Data, makeData } from "apache-arrow";
import { type TypedBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { NOT_A_BOOLEAN, parseBoolean, TRUE } from "./parse-boolean.js";
import { taken } from "./taken.js";
import { nullTexts, type TextBatch } from "./text-batch.js";
import { allNull, ValidityBuilder } from "./validity.js";

/** Truth values. */
export class BooleanColumn implements TypedBuilder {
  readonly #batches: Data<Bool>[] = [];

  get batches(): number {
    return this.#batches.length;
  }

  get keepsTexts(): boolean {
    return isAllNull(this.#batches.at(-1));
  }

  appendNulls(rows: number): void {
    const data = new Uint8Array((rows + 7) >> 3);
    this.#batches.push(makeData({ type: new Bool(), length: rows, data, ...allNull(rows) }));
  }

  append(fields: Fields, column: number): boolean {
    const { bytes, starts, ends, columns, records } = fields;
    const data = new Uint8Array((records + 7) >> 3);
    const validity = new ValidityBuilder();
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
    }
    this.#batches.push(makeData({ type: new Bool(), length: records, data, ...validity.take(records) }));
    return true;
  }

  takeBatch(): Data {
    return taken(this.#batches);
  }

  takeTexts(): TextBatch | undefined {
    const batch = taken(this.#batches);
    return isAllNull(batch) ? nullTexts(batch.length) : undefined;
  }
}

function isAllNull(batch: Data<Bool> | undefined): boolean {
  return batch?.nullCount === batch?.length;
}
