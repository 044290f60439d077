import { Bool, makeData } from "apache-arrow";
import type { Data } from "apache-arrow";
import { ASCII } from "./ascii.js";
import { takeFirst } from "./column-memory.js";
import type { Fields } from "./record-scanner.js";
import { nullTexts, scratchFor } from "./text-column.js";
import type { TextBatch } from "./text-column.js";
import { allNull, hasValue, ValidityBuilder } from "./validity.js";

const { LOWER_A, LOWER_F, UPPER_F } = ASCII;

const FALSE = 0;
export const TRUE = 1;
export const NOT_A_BOOLEAN = -1;

/** A spelling of the truth values, in ASCII. */
interface Spelling {
  readonly false: Uint8Array;
  readonly true: Uint8Array;
}

const SPELLINGS = (
  [
    ["false", "true"],
    ["False", "True"],
    ["FALSE", "TRUE"],
  ] as const
).map(([no, yes]): Spelling => ({ false: Buffer.from(no), true: Buffer.from(yes) }));
const TRUE_WORDS = [wordOf("true"), wordOf("True"), wordOf("TRUE")] as const;
const LOWER_ALSE = wordOf("alse");
const UPPER_ALSE = wordOf("ALSE");

/**
 * Parse a truth value: `true`, `True`, `TRUE` and their opposites, as pandas does.
 *
 * @returns TRUE, FALSE or NOT_A_BOOLEAN.
 */
export function parseBoolean(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length !== 4 && length !== 5) {
    return NOT_A_BOOLEAN;
  }
  const word = (bytes[end - 4]! << 24) | (bytes[end - 3]! << 16) | (bytes[end - 2]! << 8) | bytes[end - 1]!;
  if (length === 4) {
    return word === TRUE_WORDS[0] || word === TRUE_WORDS[1] || word === TRUE_WORDS[2] ? TRUE : NOT_A_BOOLEAN;
  }
  const first = bytes[start];
  if (first === LOWER_F) {
    return word === LOWER_ALSE ? FALSE : NOT_A_BOOLEAN;
  }
  return first === UPPER_F && (word === LOWER_ALSE || word === UPPER_ALSE) ? FALSE : NOT_A_BOOLEAN;
}

/** The spelling of the truth value that begins at `bytes[start]`, as a bit. */
function spellingOf(bytes: Uint8Array, start: number): number {
  if (bytes[start]! >= LOWER_A) {
    return 1;
  }
  return bytes[start + 1]! >= LOWER_A ? 2 : 4;
}

/** The only spelling in a set of bits; undefined if it has several. */
function onlySpelling(bits: number): Spelling | undefined {
  return SPELLINGS.find((_, index) => bits === 1 << index);
}

/** Four bytes as one number. */
function wordOf(text: string): number {
  return Buffer.from(text).readInt32BE();
}

interface BooleanBatch {
  readonly data: Data<Bool>;
  /** Spellings of the values, as bits; 0 if all are null. */
  readonly spellings: number;
}

/** Truth values. */
export class BooleanColumn {
  readonly #batches: BooleanBatch[] = [];

  /** The number of batches that were appended and not taken yet. */
  get batches(): number {
    return this.#batches.length;
  }

  /** Whether the spelling of the last batch is known. */
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
      if (value === NOT_A_BOOLEAN) {
        return false;
      }
      if (value === TRUE) {
        data[record >> 3]! |= 1 << (record & 7);
      }
      spellings |= spellingOf(bytes, start);
    }
    this.#batches.push({
      data: makeData({ type: new Bool(), length: records, data, ...validity.take(records) }),
      spellings,
    });
    return true;
  }

  takeBatch(): Data {
    return takeFirst(this.#batches).data;
  }

  /** Alternative to `takeBatch`: the texts as they were spelled; undefined if the spelling is unknown. */
  takeTexts(): TextBatch | undefined {
    const { data, spellings } = takeFirst(this.#batches);
    if (spellings === 0) {
      return nullTexts(data.length);
    }
    const spelling = onlySpelling(spellings);
    return spelling && textsOfBooleans(data, spelling);
  }
}

/**
 * The texts of truth values, as they were spelled.
 *
 * @returns Views of memory that the next call overwrites.
 */
function textsOfBooleans(data: Data<Bool>, spelling: Spelling): TextBatch {
  const { length: rows, nullCount, nullBitmap } = data;
  const { values, valueOffsets, lengths } = scratchFor(spelling.false.length * rows, rows);
  let used = 0;
  let longest = 0;
  for (let row = 0; row < rows; row++) {
    const isNull = nullCount > 0 && !hasValue(nullBitmap, row);
    const word = hasValue(data.values, row) ? spelling.true : spelling.false;
    const length = isNull ? 0 : word.length;
    if (!isNull) {
      values.set(word, used);
    }
    used += length;
    lengths[row] = length;
    valueOffsets[row + 1] = used;
    longest = Math.max(longest, length);
  }
  return {
    values: values.subarray(0, used),
    haveOwnMemory: false,
    valueOffsets: valueOffsets.subarray(0, rows + 1),
    lengths: lengths.subarray(0, rows),
    length: rows,
    longest,
    validity: nullCount > 0 ? { nullCount, nullBitmap } : { nullCount },
  };
}
