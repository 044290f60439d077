import {
  DECIMAL,
  FORM_BITS,
  INTEGER,
  MAX_FORM_DECIMALS,
  NOT_A_NUMBER,
  NOT_PLAIN,
  PADDED_FORM,
  parsePlainNumber,
  parseUnusualNumber,
  UNKNOWN_FORM,
} from "./number-parser.js";
import type { Validity } from "./validity.js";
import { ValidityBuilder } from "./validity.js";

const MIN_VALUES = 64;
/** Bit of the integer form. */
const INTEGER_FORMS = 1;
/** Bits of the forms with one to four decimals. */
const DECIMAL_FORMS = 0b11110;

/**
 * The spelling of a batch's numbers: the fewest decimals that give each value, but at least `least` and at most `most`.
 */
export interface Decimals {
  readonly least: number;
  readonly most: number;
}

/** The numbers of one column in one block of records. */
export interface ParsedNumbers {
  readonly values: Float64Array;
  readonly validity: Validity;
  /** The kinds of number, as bits `1 << kind`. */
  readonly kinds: number;
  /** The spelling of all numbers; undefined if their values do not determine it. */
  readonly decimals: Decimals | undefined;
}

/** Collects the numbers of a column in the current block, from the scanner or from fields. */
export class NumberBatch {
  #values = new Float64Array(0);
  readonly #validity = new ValidityBuilder();
  /** The forms of plain numbers, as bits `1 << form`. */
  #forms = 0;
  /** The kinds of the other numbers, as bits `1 << kind`. */
  #unusualKinds = 0;

  /** Forget all fields: a record that a block holds only in part is read again, from its first field. */
  clear(): void {
    this.#validity.clear();
    this.#forms = 0;
    this.#unusualKinds = 0;
  }

  /**
   * Parse the plain number that begins at `bytes[start]`, whose end is not known yet.
   *
   * @returns The offset after it; -1 if there is none. If no field ends at this offset, the field is something else
   *   and must be passed to `read`. The form noted here then has no effect.
   */
  readPlain(bytes: Uint8Array, start: number, limit: number, record: number): number {
    if (record >= this.#values.length) {
      this.#grow();
    }
    const parsed = parsePlainNumber(bytes, start, limit, this.#values, record);
    if (parsed === NOT_PLAIN) {
      return -1;
    }
    // JavaScript shifts by the lowest five bits.
    this.#forms |= 1 << parsed;
    return parsed >> FORM_BITS;
  }

  /** Take the field `bytes[start, end)` of any form; it may be null, or not a number. */
  read(bytes: Uint8Array, start: number, end: number, record: number): void {
    if (record >= this.#values.length) {
      this.#grow();
    }
    if (start === end) {
      this.#validity.setNull(record);
      this.#values[record] = 0;
    } else if (end < 0) {
      this.#unusualKinds |= 1 << NOT_A_NUMBER;
    } else if (this.readPlain(bytes, start, end, record) !== end) {
      this.#unusualKinds |= 1 << parseUnusualNumber(bytes, start, end, this.#values, record);
    }
  }

  /** The numbers of the first `records` records, valid until the next read. The batch is empty again. */
  take(records: number): ParsedNumbers {
    const forms = this.#forms;
    const integers = (forms & 1) === 0 ? 0 : 1 << INTEGER;
    const decimals = (forms & ~1) === 0 ? 0 : 1 << DECIMAL;
    const parsed = {
      values: this.#values.subarray(0, records),
      // The record after the last may have been read in part.
      validity: this.#validity.take(records),
      kinds: this.#unusualKinds | integers | decimals,
      decimals: this.#unusualKinds === 0 ? decimalsOf(forms) : undefined,
    };
    this.clear();
    return parsed;
  }

  /**
   * Free the memory after the last block, because the batches of thousands of columns take several times the bytes of a
   * block.
   */
  release(): void {
    this.#values = new Float64Array(0);
  }

  #grow(): void {
    const grown = new Float64Array(Math.max(MIN_VALUES, 2 * this.#values.length));
    grown.set(this.#values);
    this.#values = grown;
  }
}

/**
 * The one rule that spells all numbers of some forms.
 *
 * @param forms - As bits `1 << form`.
 * @returns undefined if no rule determines the texts from the values.
 */
function decimalsOf(forms: number): Decimals | undefined {
  if ((forms & (1 << UNKNOWN_FORM)) !== 0) {
    return undefined;
  }
  const hasIntegers = (forms & INTEGER_FORMS) !== 0;
  const padded = (forms >> PADDED_FORM) & DECIMAL_FORMS;
  if (padded === 0) {
    return { least: 0, most: (forms & DECIMAL_FORMS) === 0 ? 0 : MAX_FORM_DECIMALS };
  }
  // A whole value may have been `1` or `1.0`.
  if (hasIntegers) {
    return undefined;
  }
  const all = padded | (forms & DECIMAL_FORMS);
  const most = 31 - Math.clz32(all);
  if (all === 1 << most) {
    return { least: most, most };
  }
  // A zero is redundant unless it is the only decimal, as in `1.0` beside `1.25`.
  return padded === 1 << 1 ? { least: 1, most: MAX_FORM_DECIMALS } : undefined;
}
