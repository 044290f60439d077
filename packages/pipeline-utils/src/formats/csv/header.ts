import { duplicateName } from "../writable-names.js";
import type { Fields } from "./record-scanner.js";

/**
 * The name that `pandas.read_csv`, and therefore `readCsv`, gives a first column without one. `DataFrame.to_csv`
 * writes its index as such a column by default.
 */
export const PANDAS_INDEX = "Unnamed: 0";

/** Whether a column without a name, or with that of an earlier column, is an error or gets a new name. */
export type HeaderNames = "strict" | "rename";

/** Ends the reading with a message on the column of that index. */
export type FailColumn = (column: number, message: string) => never;

/** Check the names of columns: none empty, none twice. */
export function checkNames(names: readonly string[], fail: FailColumn): void {
  const nameless = names.indexOf("");
  if (nameless >= 0) {
    fail(nameless, `column ${nameless + 1} of ${names.length} has no name`);
  }
  const duplicate = duplicateName(names);
  if (duplicate !== undefined) {
    fail(duplicate.index, duplicate.message);
  }
}

/**
 * The names of the columns of a header line.
 *
 * - `strict`: its texts, except that an empty first one becomes `PANDAS_INDEX`. Other empty or equal names fail.
 * - `rename`: its texts, with empty and equal ones renamed as in pandas.
 */
export function namesOfHeader(
  header: Fields,
  quote: number,
  headerNames: HeaderNames = "strict",
  fail: FailColumn,
): readonly string[] {
  const texts = textsOfRecord(header, quote);
  if (headerNames === "rename") {
    return renamed(texts);
  }
  const [first, ...others] = texts;
  const names = first === "" && !others.includes(PANDAS_INDEX) ? [PANDAS_INDEX, ...others] : texts;
  checkNames(names, (column, message) =>
    fail(column, `${message}; header: "rename" would rename it, as pandas does`),
  );
  return names;
}

/**
 * Give each column a name of its own, as `pandas.read_csv` does.
 *
 * The column of index 3 without a name becomes `Unnamed: 3`. The second and third column named `x` become `x.1` and
 * `x.2`, but no column gets a name that the header has elsewhere: `x, x, x.1` become `x, x.2, x.1`. Columns with a name
 * are renamed before those without one.
 *
 * @see https://github.com/pandas-dev/pandas/blob/v1.5.3/pandas/_libs/parsers.pyx `_get_header`
 */
function renamed(texts: readonly string[]): string[] {
  const names = texts.map((text, index) => (text === "" ? `Unnamed: ${index}` : text));
  const indices = [...names.keys()];
  const order = [
    ...indices.filter((index) => texts[index] !== ""),
    ...indices.filter((index) => texts[index] === ""),
  ];
  /** How many columns have each name, those not yet renamed included. */
  const columnsOfName = new Map<string, number>();
  for (const name of names) {
    columnsOfName.set(name, (columnsOfName.get(name) ?? 0) + 1);
  }
  /** The next number for each name that a column has kept or got; 0 for other names. */
  const nextNumbers = new Map<string, number>();
  for (const index of order) {
    const text = names[index]!;
    let name = text;
    let next = nextNumbers.get(text) ?? 0;
    while (next > 0 && (name === text || (columnsOfName.get(name) ?? 0) > 0)) {
      name = `${text}.${next}`;
      next++;
    }
    nextNumbers.set(text, Math.max(next, 1));
    if (name !== text) {
      nextNumbers.set(name, 1);
      columnsOfName.set(text, columnsOfName.get(text)! - 1);
      columnsOfName.set(name, 1);
      names[index] = name;
    }
  }
  return names;
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
