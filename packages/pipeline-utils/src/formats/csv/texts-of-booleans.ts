import { type Bool, type Data } from "apache-arrow";
import { scratchFor, type TextBatch } from "./text-batch.js";
import { hasValue } from "./validity.js";

/** A way to write truth values. */
export interface Spelling {
  readonly false: Uint8Array;
  readonly true: Uint8Array;
}

const LOWER_A = 97;
const SPELLINGS = [
  ["false", "true"],
  ["False", "True"],
  ["FALSE", "TRUE"],
].map(([no, yes]): Spelling => ({ false: Buffer.from(no!), true: Buffer.from(yes!) }));

/** The spelling of the truth value that begins at `bytes[start]`, as a bit. */
export function spellingOf(bytes: Uint8Array, start: number): number {
  if (bytes[start]! >= LOWER_A) return 1;
  return bytes[start + 1]! >= LOWER_A ? 2 : 4;
}

/** The only one of some spellings; undefined where there are several. */
export function onlySpelling(bits: number): Spelling | undefined {
  return SPELLINGS.find((_, index) => bits === 1 << index);
}

/**
 * The texts of truth values, as they were written.
 *
 * @returns Views of memory that the next call writes over.
 */
export function textsOfBooleans(data: Data<Bool>, spelling: Spelling): TextBatch {
  const { length: rows, nullCount, nullBitmap } = data;
  const { values, valueOffsets, lengths } = scratchFor(spelling.false.length * rows, rows);
  let used = 0;
  let longest = 0;
  for (let row = 0; row < rows; row++) {
    const isNull = nullCount > 0 && !hasValue(nullBitmap, row);
    const word = hasValue(data.values, row) ? spelling.true : spelling.false;
    const length = isNull ? 0 : word.length;
    if (!isNull) values.set(word, used);
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
