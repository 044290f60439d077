import { shown } from "../shown.js";
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

/** A number with a decimal comma, alone between semicolons. */
const DECIMAL_COMMA_PATTERN = /(?:^|;)"?(-?\d+,\d+)"?(?:;|\r?$)/m;

/**
 * The hint for a file whose fields semicolons separate, although it is read with the default delimiter.
 *
 * @param name - The only column of the header line.
 * @param sample - Bytes after the header line.
 * @returns Undefined if the name has no semicolon.
 */
export function semicolonHint(name: string, sample: Uint8Array): string | undefined {
  return name.includes(";")
    ? `found one column, named ${shown(name)}; ${delimiterAdvice(sample)}`
    : undefined;
}

/** The options for a file whose fields semicolons separate, by some of its bytes. */
export function delimiterAdvice(sample: Uint8Array): string {
  const text = Buffer.from(sample.buffer, sample.byteOffset, sample.length).toString("latin1");
  const [, number] = DECIMAL_COMMA_PATTERN.exec(text) ?? [];
  const decimal =
    number === undefined ? "" : ` and, for numbers such as ${JSON.stringify(number)}, decimal: ","`;
  return `if semicolons separate the fields, use delimiter: ";"${decimal}`;
}
