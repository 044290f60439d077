import { type TextBatch } from "../text-batch.js";
import { type Validity, ValidityBuilder } from "../validity.js";

/** Told of each text that is no value of the type asked for. */
export type Misfit = (row: number, text: string) => void;

/** Stores the value of the text `bytes[start, end)`; returns whether it is one. */
export type Store = (bytes: Uint8Array, start: number, end: number, row: number) => boolean;

/**
 * Convert the texts of a batch, one by one. An empty text is null, in quotes or not, and so is a misfit.
 *
 * @returns Which rows hold a value.
 */
export function convertEach(texts: TextBatch, misfit: Misfit, store: Store): Validity {
  const { values, valueOffsets, length } = texts;
  const validity = new ValidityBuilder();
  for (let row = 0; row < length; row++) {
    const start = valueOffsets[row]!;
    const end = valueOffsets[row + 1]!;
    if (start < end) {
      if (store(values, start, end, row)) continue;
      misfit(row, textAt(values, start, end));
    }
    validity.setNull(row);
  }
  return validity.take(length);
}

/** The text `bytes[start, end)`. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}
