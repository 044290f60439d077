import { type Decimals, decimalsOf } from "./number-form.js";
import { FORM_BITS, NOT_PLAIN, parsePlainNumber } from "./parse-number.js";
import { DECIMAL, INTEGER, NOT_A_NUMBER, parseUnusualNumber } from "./parse-unusual-number.js";
import { type Validity, ValidityBuilder } from "./validity.js";

/** What a batch holds. */
export interface NumbersRead {
  readonly values: Float64Array;
  readonly validity: Validity;
  /** The kinds of number, as bits `1 << kind`. */
  readonly kinds: number;
  /** How all numbers are written; undefined where their values do not tell. */
  readonly decimals: Decimals | undefined;
}

/** The numbers of a column in the batch in work. */
export class NumberBatch {
  #values = new Float64Array(0);
  readonly #validity = new ValidityBuilder();
  /** The forms of plain numbers, as bits `1 << form`. */
  #forms = 0;
  /** The kinds of others, as bits `1 << kind`. */
  #unusualKinds = 0;

  /** Forget what was read: a record of which a block had only a part is read again, from its first field. */
  clear(): void {
    this.#validity.clear();
    this.#forms = 0;
    this.#unusualKinds = 0;
  }

  /**
   * Parse the plain number that begins at `bytes[start]`, while its end is still to be found.
   *
   * @returns The offset after it; -1 where there is none. Where it is not followed by the end of a field, the field is
   *   something else, for `read`: what is noted here of its form is then without consequence.
   */
  readPlain(bytes: Uint8Array, start: number, limit: number, record: number): number {
    if (record >= this.#values.length) this.#grow();
    const parsed = parsePlainNumber(bytes, start, limit, this.#values, record);
    if (parsed === NOT_PLAIN) return -1;
    // JavaScript shifts by the lowest five bits.
    this.#forms |= 1 << parsed;
    return parsed >> FORM_BITS;
  }

  /** Take the field `bytes[start, end)`, of any form; it may be null, or not a number. */
  read(bytes: Uint8Array, start: number, end: number, record: number): void {
    if (record >= this.#values.length) this.#grow();
    if (start === end) {
      this.#validity.setNull(record);
      this.#values[record] = 0;
    } else if (end < 0) this.#unusualKinds |= 1 << NOT_A_NUMBER;
    else if (this.readPlain(bytes, start, end, record) !== end)
      this.#unusualKinds |= 1 << parseUnusualNumber(bytes, start, end, this.#values, record);
  }

  /** What was read of that many records, valid until the next is read; the batch is empty again. */
  take(records: number): NumbersRead {
    const forms = this.#forms;
    const integers = (forms & 1) === 0 ? 0 : 1 << INTEGER;
    const decimals = (forms & ~1) === 0 ? 0 : 1 << DECIMAL;
    const read = {
      values: this.#values.subarray(0, records),
      // The record after the last may have been read in part.
      validity: this.#validity.take(records),
      kinds: this.#unusualKinds | integers | decimals,
      decimals: this.#unusualKinds === 0 ? decimalsOf(forms) : undefined,
    };
    this.clear();
    return read;
  }

  /** Let go of the memory when all was read: those of thousands of columns have several times the bytes of a block. */
  release(): void {
    this.#values = new Float64Array(0);
  }

  #grow(): void {
    const grown = new Float64Array(Math.max(64, 2 * this.#values.length));
    grown.set(this.#values);
    this.#values = grown;
  }
}
