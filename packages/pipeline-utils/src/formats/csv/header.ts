import type { Fields } from "./record-scanner.js";

/**
 * The name that `pandas.read_csv`, and therefore `readCsv`, gives a first column without one. `DataFrame.to_csv`
 * writes its index as such a column by default.
 */
export const PANDAS_INDEX = "Unnamed: 0";

/** Ends the reading with a message on the column of that index. */
export type FailColumn = (column: number, message: string) => never;

/** Check the names of columns: none empty, none twice. */
export function checkNames(names: readonly string[], fail: FailColumn): void {
  const firsts = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name === "") {
      fail(index, `column ${index + 1} of ${names.length} has no name`);
    }
    const first = firsts.get(name);
    if (first !== undefined) {
      fail(index, `columns ${first + 1} and ${index + 1} are both named ${JSON.stringify(name)}`);
    }
    firsts.set(name, index);
  }
}

/** The names of the columns of a header line: its texts, except that an empty first one becomes `PANDAS_INDEX`. */
export function namesOfHeader(header: Fields, quote: number): readonly string[] {
  const texts = textsOfRecord(header, quote);
  const [first, ...others] = texts;
  return first === "" && !others.includes(PANDAS_INDEX) ? [PANDAS_INDEX, ...others] : texts;
}

function textsOfRecord({ bytes, starts, ends, columns }: Fields, quote: number): string[] {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return Array.from({ length: columns }, (_, index) => {
    const end = ends[index]!;
    const text = decoder.decode(bytes.subarray(starts[index], end < 0 ? ~end : end));
    if (end >= 0 || quote < 0) {
      return text;
    }
    const mark = String.fromCharCode(quote);
    return text.replaceAll(mark + mark, mark);
  });
}
