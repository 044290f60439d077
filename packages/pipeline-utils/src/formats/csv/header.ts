import { type Fields } from "./fields.js";
import { PANDAS_INDEX } from "./pandas-index.js";

/** More columns than any table in earnest; each costs memory before its first row. */
export const MAX_COLUMNS = 16_384;

/** Ends the reading with a message on the column of that index. */
export type FailColumn = (column: number, message: string) => never;

/** Check the names of columns: not too many, none empty, none twice. */
export function checkNames(names: readonly string[], fail: FailColumn): void {
  const firsts = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name === "") fail(index, `column ${index + 1} of ${names.length} has no name`);
    const first = firsts.get(name);
    if (first !== undefined)
      fail(index, `columns ${first + 1} and ${index + 1} are both named ${JSON.stringify(name)}`);
    firsts.set(name, index);
  }
}

/** The names of a header line: its texts, but for a first one that is empty. */
export function namesOfHeader(texts: readonly string[]): readonly string[] {
  const [first, ...others] = texts;
  return first === "" && !others.includes(PANDAS_INDEX) ? [PANDAS_INDEX, ...others] : texts;
}

/** The texts of a record. */
export function textsOfRecord({ bytes, starts, ends, columns }: Fields, quote: number): string[] {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return Array.from({ length: columns }, (_, index) => {
    const end = ends[index]!;
    const text = decoder.decode(bytes.subarray(starts[index], end < 0 ? ~end : end));
    if (end >= 0 || quote < 0) return text;
    const mark = String.fromCharCode(quote);
    return text.replaceAll(mark + mark, mark);
  });
}
