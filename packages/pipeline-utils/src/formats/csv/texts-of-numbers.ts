import { type CompactNumbers } from "./compact-numbers.js";
import { type Decimals } from "./number-form.js";
import { scratchFor, type TextBatch } from "./text-batch.js";
import { hasValue, type Validity } from "./validity.js";
import { POWERS_OF_TEN } from "./powers-of-ten.js";

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** More bytes than a plain number has. */
const LONGEST = 32;

/**
 * The texts of plain numbers, as they were written.
 *
 * @returns Views of memory that the next call writes over.
 */
export function textsOfNumbers(
  { values, divisor }: CompactNumbers,
  decimals: Decimals,
  validity: Validity,
  rows: number,
): TextBatch {
  const { nullBitmap } = validity;
  const isPart = values.length < rows;
  const { values: scratch, valueOffsets, lengths } = scratchFor(8 * rows, rows);
  let texts = scratch;
  let longest = 0;
  let index = 0;
  for (let row = 0, used = 0; row < rows; row++) {
    if (nullBitmap === undefined || hasValue(nullBitmap, row)) {
      if (used + LONGEST > texts.length) texts = grown(texts, used);
      const length = putText(texts, used, values[index++]! / divisor, decimals);
      used += length;
      lengths[row] = length;
      longest = Math.max(longest, length);
    } else {
      lengths[row] = 0;
      if (!isPart) index++;
    }
    valueOffsets[row + 1] = used;
  }
  const used = valueOffsets[rows]!;
  return {
    values: texts.subarray(0, used),
    haveOwnMemory: false,
    valueOffsets: valueOffsets.subarray(0, rows + 1),
    lengths: lengths.subarray(0, rows),
    length: rows,
    longest,
    validity,
  };
}

/** Write a number of up to 15 digits. Returns how many bytes it has. */
function putText(texts: Uint8Array, start: number, value: number, { least, most }: Decimals): number {
  const magnitude = Math.abs(value);
  let decimals = least;
  let power = POWERS_OF_TEN[decimals]!;
  let scaled = Math.round(magnitude * power);
  while (decimals < most && scaled / power !== magnitude) {
    power = POWERS_OF_TEN[++decimals]!;
    scaled = Math.round(magnitude * power);
  }
  let digits = 1;
  for (let next = 10; next <= scaled; next *= 10) digits++;
  const from = start + (value < 0 ? 1 : 0);
  const end = from + Math.max(digits, decimals + 1) + (decimals > 0 ? 1 : 0);
  const point = decimals > 0 ? end - 1 - decimals : -1;
  let rest = scaled;
  for (let at = end - 1; at >= from; at--) {
    if (at === point) texts[at] = POINT;
    else {
      const tenth = Math.floor(rest / 10);
      texts[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
  }
  if (value < 0) texts[start] = MINUS;
  return end - start;
}

function grown(texts: Uint8Array<ArrayBuffer>, used: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * texts.length + LONGEST);
  larger.set(texts.subarray(0, used));
  return larger;
}
