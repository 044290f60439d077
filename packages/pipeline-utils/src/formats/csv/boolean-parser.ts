import { ASCII } from "./ascii.js";

const { LOWER_A, LOWER_F, UPPER_F } = ASCII;

export const FALSE = 0;
export const TRUE = 1;
export const NOT_A_BOOLEAN = -1;

/** A spelling of the truth values, in ASCII. */
export interface Spelling {
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
export function spellingOf(bytes: Uint8Array, start: number): number {
  if (bytes[start]! >= LOWER_A) {
    return 1;
  }
  return bytes[start + 1]! >= LOWER_A ? 2 : 4;
}

/** The only spelling in a set of bits; undefined if it has several. */
export function onlySpelling(bits: number): Spelling | undefined {
  return SPELLINGS.find((_, index) => bits === 1 << index);
}

/** Four bytes as one number. */
function wordOf(text: string): number {
  return Buffer.from(text).readInt32BE();
}
