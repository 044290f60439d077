import { ASCII } from "./ascii.js";
import { NumberBatch } from "./number-batch.js";
import type { TextBatch } from "./text-column.js";

const { COMMA, POINT } = ASCII;

/** The character before the decimals of a number. */
export type DecimalMark = "." | ",";

/** Enough for usual numbers. Longer fields get an array of their own. */
const SCRATCH_BYTES = 64;
const scratch = new Uint8Array(SCRATCH_BYTES);

/**
 * Swap the commas and points of `bytes[start, end)`. A number with a decimal comma becomes one with a point, and a number
 * with a point becomes a text.
 *
 * @returns The result at the beginning of an array that the next call may overwrite.
 */
export function swapMarks(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const swapped = end - start > SCRATCH_BYTES ? new Uint8Array(end - start) : scratch;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    swapped[at - start] = byte === COMMA ? POINT : byte === POINT ? COMMA : byte;
  }
  return swapped;
}

/** The texts of a batch with commas and points swapped, in memory of their own. */
export function swapMarksOfTexts(texts: TextBatch): TextBatch {
  const { values } = texts;
  const swapped = swapMarks(values, 0, values.length);
  return { ...texts, values: swapped === scratch ? swapped.slice(0, values.length) : swapped };
}

/** Collects numbers with a decimal comma, from fields only. */
export class CommaNumberBatch extends NumberBatch {
  override read(bytes: Uint8Array, start: number, end: number, record: number): void {
    if (end > start) {
      super.read(swapMarks(bytes, start, end), 0, end - start, record);
    } else {
      super.read(bytes, start, end, record);
    }
  }
}
