export const FALSE = 0;
export const TRUE = 1;
export const NOT_A_BOOLEAN = -1;

/** The last four bytes of a word, as one number. */
const wordOf = (text: string): number => Buffer.from(text).readInt32BE();
const TRUE_WORDS = [wordOf("true"), wordOf("True"), wordOf("TRUE")] as const;
const LOWER_ALSE = wordOf("alse");
const UPPER_ALSE = wordOf("ALSE");
const LOWER_F = 102;
const UPPER_F = 70;

/**
 * Parse a truth value: `true`, `True`, `TRUE` and their opposites, as pandas has it.
 *
 * @returns TRUE, FALSE or NOT_A_BOOLEAN.
 */
export function parseBoolean(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length !== 4 && length !== 5) return NOT_A_BOOLEAN;
  const word = (bytes[end - 4]! << 24) | (bytes[end - 3]! << 16) | (bytes[end - 2]! << 8) | bytes[end - 1]!;
  if (length === 4) {
    return word === TRUE_WORDS[0] || word === TRUE_WORDS[1] || word === TRUE_WORDS[2] ? TRUE : NOT_A_BOOLEAN;
  }
  const first = bytes[start];
  if (first === LOWER_F) return word === LOWER_ALSE ? FALSE : NOT_A_BOOLEAN;
  return first === UPPER_F && (word === LOWER_ALSE || word === UPPER_ALSE) ? FALSE : NOT_A_BOOLEAN;
}
