const PLUS = 43;
const MINUS = 45;
const LOWER = 32;
const LETTER_A = 97;
const LETTER_E = 101;
const LETTER_I = 105;
const LETTER_N = 110;
/** 1 for the bytes of finite numbers: digits, signs, points and exponents. */
const NUMERIC = new Uint8Array(256);
for (const byte of Buffer.from("0123456789+-.eE")) NUMERIC[byte] = 1;
const LONGEST_NOT_FINITE = "-Infinity".length;
/** No number is written with more characters in earnest; what is longer is text. */
const MAX_LENGTH = 1024;

/** Tells most text apart from numbers, dates and hexadecimal codes too, without making a string of it. */
export function mayBeNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > MAX_LENGTH) return false;
  const first = bytes[start]!;
  const letters = first === MINUS ? start + 1 : start;
  const letter = bytes[letters]! | LOWER;
  if (letter === LETTER_I || letter === LETTER_N) {
    const next = bytes[letters + 1]! | LOWER;
    return end - start <= LONGEST_NOT_FINITE && next === (letter === LETTER_I ? LETTER_N : LETTER_A);
  }
  if (first === PLUS) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (NUMERIC[byte] === 0) return false;
    const isSign = byte === MINUS || byte === PLUS;
    if (isSign && at > start && (bytes[at - 1]! | LOWER) !== LETTER_E) return false;
  }
  return true;
}
