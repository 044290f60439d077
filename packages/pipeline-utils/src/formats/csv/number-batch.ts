import { DECIMAL, INTEGER, NOT_A_NUMBER, NOT_PLAIN, parseNumber, parsePlainNumber } from "./parse-number.js";
import { type Validity, ValidityBuilder } from "./validity.js";

/** The numbers of a column in the batch in work. */
export class NumberBatch {
  /** The kinds of number in the batch, as bits `1 << kind`. */
  kinds = 0;
  #values = new Float64Array(0);
  readonly #validity = new ValidityBuilder();

  /** Forget what was read: a record of which a block had only a part is read again, from its first field. */
  clear(): void {
    this.#validity.clear();
    this.kinds = 0;
  }

  /**
   * Parse the plain number that begins at `bytes[start]`, while its end is still to be found.
   *
   * @returns The offset after it; -1 where there is none. Where it is not followed by the end of a field, the field is
   *   something else, for `read`: what is noted here of its kind is then true of it too, or without consequence.
   */
  readPlain(bytes: Uint8Array, start: number, limit: number, record: number): number {
    if (record >= this.#values.length) this.#grow();
    const parsed = parsePlainNumber(bytes, start, limit, this.#values, record);
    if (parsed === NOT_PLAIN) return -1;
    this.kinds |= 1 << ((parsed & 1) === 1 ? DECIMAL : INTEGER);
    return parsed >> 1;
  }

  /** Take the field `bytes[start, end)`, of any form; it may be null, or not a number. */
  read(bytes: Uint8Array, start: number, end: number, record: number): void {
    if (record >= this.#values.length) this.#grow();
    if (start === end) {
      this.#validity.setNull(record);
      this.#values[record] = 0;
    } else this.kinds |= 1 << (end < 0 ? NOT_A_NUMBER : parseNumber(bytes, start, end, this.#values, record));
  }

  /** The values and nulls of that many records, until the next is read; the batch is empty again. */
  take(records: number): { values: Float64Array; validity: Validity } {
    // The record after the last may have been read in part.
    const validity = this.#validity.take(records);
    this.clear();
    return { values: this.#values.subarray(0, records), validity };
  }

  #grow(): void {
    const grown = new Float64Array(Math.max(64, 2 * this.#values.length));
    grown.set(this.#values);
    this.#values = grown;
  }
}
