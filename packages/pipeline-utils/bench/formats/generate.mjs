// Writes the CSV files of the benchmark, the same at each run.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { randomNumbers } from "./random-numbers.mjs";

const WORDS =
  "lorem ipsum dolor sit amet consectetur naïve café 東京 adipiscing elit sed do eiusmod tempor".split(" ");
const CATEGORIES = ["NSW", "VIC", "QLD", "express", "standard", "same-day", "WA", "pickup"];
const DAY = 86_400_000;

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
    if (kind < 4) {
      return phrase();
    }
    if (kind < 6) {
      return `"${phrase()}, ${phrase()}"`;
    }
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
 * Records of so many columns until the file has so many bytes.
 *
 * @param {string} path
 * @param {number} bytes
 * @param {number} columns
 * @param {(column: number) => unknown} field
 * @param {string} [last] - Every field of one more record.
 */
export async function writeFields(path, bytes, columns, field, last) {
  /** @param {(column: number) => unknown} value */
  const record = (value) => `${Array.from({ length: columns }, (_, column) => value(column)).join(",")}\n`;
  await writeChunks(path, function* () {
    let rest = bytes;
    let text = record((column) => `c${column}`);
    for (; rest > text.length; text += record(field)) {
      if (text.length < 1 << 20) {
        continue;
      }
      yield text;
      rest -= text.length;
      text = "";
    }
    yield last === undefined ? text : text + record(() => last);
  });
}

/**
 * @param {string} path
 * @param {string} header
 * @param {number} rows
 * @param {(row: number) => string} line
 */
async function writeLines(path, header, rows, line) {
  await writeChunks(path, function* () {
    let text = `${header}\n`;
    for (let row = 0; row < rows; row++) {
      text += `${line(row)}\n`;
      if (text.length < 1 << 20) {
        continue;
      }
      yield text;
      text = "";
    }
    yield text;
  });
}

/**
 * @param {string} path
 * @param {() => Iterable<string>} chunks
 */
const writeChunks = (path, chunks) => pipeline(chunks, createWriteStream(path));
