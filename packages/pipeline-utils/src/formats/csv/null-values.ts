import { type Fields } from "./fields.js";

/** Makes fields of given texts empty, and so null. */
export class NullValues {
  readonly #byLength = new Map<number, Uint8Array[]>();

  /** @param texts - What stands for null beside the empty field; a field in quotes never does. */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const bytes = new TextEncoder().encode(text);
      this.#byLength.set(bytes.length, [...(this.#byLength.get(bytes.length) ?? []), bytes]);
    }
  }

  blank({ bytes, starts, ends, columns, records }: Fields): void {
    if (this.#byLength.size === 0) return;
    for (let field = 0; field < records * columns; field++) {
      const start = starts[field]!;
      const candidates = this.#byLength.get(ends[field]! - start);
      if (candidates?.some((text) => text.every((byte, index) => byte === bytes[start + index])) === true) {
        ends[field] = start;
      }
    }
  }
}
