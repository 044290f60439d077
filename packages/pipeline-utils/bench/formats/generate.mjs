// Writes the CSV files of the benchmark, the same at each run.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

const WORDS =
  "lorem ipsum dolor sit amet consectetur naïve café 東京 adipiscing elit sed do eiusmod tempor".split(" ");
const CATEGORIES = ["NSW", "VIC", "QLD", "express", "standard", "same-day", "WA", "pickup"];
const DAY = 86_400_000;

/**
 * Numbers from 0 to below 1, always the same: mulberry32.
 *
 * @param {number} seed
 */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Three columns: a float of 16 or 17 digits, one of two decimals, a category.
 *
 * @param {string} path
 * @param {number} rows
 */
export async function writeNarrow(path, rows) {
  const random = randomNumbers(7);
  await writeLines(path, "time_to_dispatch,distance,category", rows, () => {
    const time = -3.7 * Math.log((1 - random()) * (1 - random()));
    return `${time},${Math.round(random() * 500_000) / 100},${CATEGORIES[Math.floor(random() * 8)]}`;
  });
}

/**
 * Twenty columns of all kinds: integers, floats, truth values, dates and texts, with nulls, quotes, line ends in quotes and
 * characters of several bytes.
 *
 * @param {string} path
 * @param {number} rows
 */
export async function writeWide(path, rows) {
  const random = randomNumbers(11);
  /** @param {number} below */
  const integer = (below) => Math.floor(random() * below);
  const phrases = Array.from({ length: 5000 }, () =>
    Array.from({ length: 2 + integer(5) }, () => WORDS[integer(WORDS.length)]).join(" "),
  );
  const phrase = () => phrases[integer(phrases.length)] ?? "";
  const note = () => {
    const kind = integer(8);
    if (kind < 4) return phrase();
    if (kind < 6) return `"${phrase()}, ${phrase()}"`;
    return kind === 6 ? `"said ""${phrase()}"""` : `"${phrase()}\n${phrase()}"`;
  };
  /** @param {() => unknown} value */
  const nullable = (value) => (random() < 0.15 ? "" : value());
  const names =
    "id,big_id,f1,f2,f3_null,i_small,i_null,flag,flag_null,cat,cat_null,name,note,note2,date,ts,uuid,money,empty,mixed";
  const hex = () =>
    integer(2 ** 32)
      .toString(16)
      .padStart(8, "0");
  await writeLines(path, names, rows, (row) => {
    const date = new Date(
      Date.UTC(2020, 0, 1) + integer(1500) * DAY + integer(DAY / 1000) * 1000,
    ).toISOString();
    const small = integer(1100) - 100;
    return [
      row,
      2 ** 40 + integer(2 ** 51),
      (random() + random() + random() - 1.5) * 2,
      Math.round((random() - 0.5) * 2e7) / 1000,
      nullable(() => -1e-3 * Math.log(1 - random())),
      small,
      nullable(() => small * 7),
      random() < 0.5 ? "True" : "False",
      nullable(() => (random() < 0.5 ? "True" : "False")),
      `cat_${integer(50)}`,
      nullable(() => `grp-${integer(7)}`),
      phrase(),
      note(),
      nullable(note),
      date.slice(0, 10),
      `${date.slice(0, 19)}Z`,
      `${hex()}-${hex()}`,
      integer(10 ** 8) / 100,
      "",
      random() < 0.5 ? small : `x${small}`,
    ].join(",");
  });
}

/**
 * Twenty columns of texts of one letter, for which Arrow's offsets alone would take twice the file.
 *
 * @param {string} path
 * @param {number} rows
 */
export async function writeLetters(path, rows) {
  const random = randomNumbers(13);
  const names = Array.from({ length: 20 }, (_, column) => `c${column}`);
  const letter = () => "ABCDEFGH"[Math.floor(random() * 8)];
  await writeLines(path, names.join(","), rows, () => names.map(letter).join(","));
}

/**
 * Two columns of decimals of two digits, of which a double has more bytes than the file.
 *
 * @param {string} path
 * @param {number} rows
 */
export async function writeDecimals(path, rows) {
  const random = randomNumbers(17);
  const decimal = () => (Math.floor(random() * 100) / 10).toFixed(1);
  await writeLines(path, "a,b", rows, () => `${decimal()},${decimal()}`);
}

/**
 * @param {string} path
 * @param {string} header
 * @param {number} rows
 * @param {(row: number) => string} line
 */
async function writeLines(path, header, rows, line) {
  const file = createWriteStream(path);
  let text = `${header}\n`;
  for (let row = 0; row < rows; row++) {
    text += `${line(row)}\n`;
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await once(file, "drain");
    text = "";
  }
  file.end(text);
  await finished(file);
}
