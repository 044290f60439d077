import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { ReadCsvOptions } from "@ml-pipelines/pipeline-utils";
import { FormatError, readCsv, writeCsv } from "@ml-pipelines/pipeline-utils";
import { Table, Utf8, vectorFromArray } from "apache-arrow";
import { streamOf } from "./bytes.js";
import { plain } from "./plain.js";

type Cell = null | string | { readonly number: string };
interface PandasCase {
  readonly text: string;
  readonly options: { readonly sep?: string; readonly comment?: string; readonly skiprows?: number };
  readonly columns: Readonly<Record<string, readonly Cell[]>>;
}

const expected = JSON.parse(
  readFileSync(new URL("../fixtures/formats/lines/expected.json", import.meta.url), "utf8"),
) as readonly PandasCase[];

const read = async (text: string, options: ReadCsvOptions = {}): Promise<Record<string, unknown[]>> => {
  const table = await readCsv(streamOf(text, 5), { address: "s3://b/k.csv", ...options });
  return Object.fromEntries(plain(table).map(({ name, values }) => [name, values]));
};

test("returns what pandas returns for skipped lines and short rows", async () => {
  expect(expected.length).toBeGreaterThan(250);
  for (const { text, options, columns } of expected) {
    const { sep: delimiter = ",", skiprows: skipRows = 0, comment } = options;
    const own: ReadCsvOptions = { delimiter, skipRows, shortRows: "null", ...(comment && { comment }) };
    const wanted = Object.entries(columns).map(([name, cells]) => [
      name,
      cells.map((cell) => (typeof cell === "object" && cell !== null ? Number(cell.number) : cell)),
    ]);
    expect({ text, columns: await read(text, own) }).toEqual({
      text,
      columns: Object.fromEntries(wanted) as unknown,
    });
  }
});

describe("blank lines", () => {
  test("returns a null for a line of spaces in a file of one column", async () => {
    expect(await read("a\n1\n \t\n\n2\n")).toEqual({ a: [1, null, null, 2] });
  });

  test("returns blank texts that writeCsv wrote", async () => {
    const texts = ["  ", "\t", " x", null, "", " \t "];
    const table = new Table({ "  ": vectorFromArray(texts, new Utf8()) });
    expect(plain(await readCsv(writeCsv(table)))).toEqual(plain(table));
  });

  test("returns fields that are delimiters or quotes", async () => {
    expect(await read("a b\n \n1 2\n", { delimiter: " " })).toEqual({ a: [null, 1], b: [null, 2] });
    expect(await read("a,b\n x ,y\n", { quote: " " })).toEqual({ a: ["x"], b: ["y"] });
  });
});

describe("skipRows", () => {
  test("returns the rows after skipped lines, and counts those lines in errors", async () => {
    const text = '"Report\nof, "x",, 2021\n\na,b\n1,2\n';
    expect(await read(text, { skipRows: 3 })).toEqual({ a: [1], b: [2] });
    await expect(read(`${text}3\n`, { skipRows: 3 })).rejects.toThrow(
      's3://b/k.csv line 6: column "b": found 1 field, expected 2',
    );
    await expect(read(`${text}3\n`, { skipRows: 3, escape: "\\" })).rejects.toThrow(
      's3://b/k.csv line 6: column "b": found 1 field, expected 2',
    );
    await expect(
      read(`${text}"x\n",y\n`, { skipRows: 3, schema: { b: { type: "number" } } }),
    ).rejects.toThrow('line 7: b is "y", expected a number');
  });

  test("returns the rows of a file without a header line", async () => {
    expect(await read("x\n1\n\n", { skipRows: 1, columnNames: ["a"] })).toEqual({ a: [1, null] });
  });

  test("rejects a file with no more lines", async () => {
    await expect(read("a,b\n1,2", { skipRows: 4 })).rejects.toThrow(
      new FormatError("s3://b/k.csv: no record follows the 4 skipped lines, expected a header line"),
    );
  });
});

describe("comment", () => {
  test("returns comments elsewhere as text, and skips them in files of one column", async () => {
    expect(await read("#x\na#,b\n1,2#y\n #z,3\n", { comment: "#" })).toEqual({
      "a#": ["1", " #z"],
      b: ["2#y", "3"],
    });
    expect(await read('a\n#"\n1\n\n#\n"#"', { comment: "#" })).toEqual({ a: ["1", null, "#"] });
  });

  test("counts comments in the lines of errors", async () => {
    await expect(read("#x\na,b\n#y\n1\n", { comment: "#" })).rejects.toThrow("s3://b/k.csv line 4: column");
    const schema = { b: { type: "number" } } as const;
    await expect(read('#x\na,b\n#y\n"\n",2\n3,x\n', { comment: "#", schema })).rejects.toThrow(
      "line 6: b is",
    );
  });
});

describe("shortRows", () => {
  test("returns nulls of each type in the last columns", async () => {
    const columns = await read('a,b,c,d\n1,2.5,true,x\n2\n"3\n",4\n\n', { shortRows: "null" });
    expect(columns).toEqual({
      a: ["1", "2", "3\n"],
      b: [2.5, null, 4],
      c: [true, null, null],
      d: ["x", null, null],
    });
    expect(await read("a||b\n1\n2||3\n", { shortRows: "null", delimiter: "||" })).toEqual({
      a: [1, 2],
      b: [null, 3],
    });
  });

  test("rejects rows with too many fields, and nulls that the schema forbids, by line", async () => {
    await expect(read("a,b\n1\n1,2,3\n", { shortRows: "null" })).rejects.toThrow(
      's3://b/k.csv line 3: column "b": found 3 fields, expected 2',
    );
    await expect(
      read('a,b\n"1\n",2\n\n3\n', { shortRows: "null", schema: { b: { type: "number" } } }),
    ).rejects.toThrow("line 5: b is missing, expected a value");
  });

  test("returns the same values from several blocks", async () => {
    const rows = 300_000;
    const columns = ["1.25", "x", "2", "true"];
    const lines = Array.from({ length: rows }, (_, row) => columns.slice(0, 1 + (row % 5)).join(","));
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const table = await readCsv(streamOf(`${names.join(",")}\n${lines.join("\n")}`), { shortRows: "null" });
    expect([table.numRows, table.batches.length > 3]).toEqual([rows, true]);
    for (const row of [0, 1, 2, 3, 4, 77_777, rows - 1]) {
      const width = 1 + (row % 5);
      const wanted = [1.25, "x", 2, true].map((value, index) => (index < width ? value : null));
      expect([0, 1, 2, 3].map((index) => table.getChildAt(index)?.get(row) as unknown)).toEqual(wanted);
    }
  });

  test("rejects a file whose short rows lack too many fields, in little memory", async () => {
    const header = Array.from({ length: 16_384 }, (_, index) => `c${index}`).join(",");
    const before = process.memoryUsage().rss;
    await expect(
      readCsv(streamOf(`${header}\n${"1\n".repeat(1 << 20)}`), { shortRows: "null" }),
    ).rejects.toThrow("short rows lack more than 134217728 fields in all");
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(1500);
  }, 60_000);
});

test.each<[object, string]>([
  [{ skipRows: -1 }, "skipRows is -1, expected a number of lines, 0 or more"],
  [{ skipRows: 0.5 }, "skipRows is 0.5, expected a number of lines, 0 or more"],
  [{ skipRows: "1" }, "skipRows is '1', expected a number of lines, 0 or more"],
  [{ comment: "" }, "comment is '', expected one character of ASCII that is no line end"],
  [{ comment: "//" }, "comment is '//', expected one character of ASCII"],
  [{ comment: "§" }, "comment is '§', expected one character of ASCII"],
  [{ comment: "\n" }, "comment is '\\n', expected one character of ASCII"],
  [{ comment: "," }, 'the comment "," is also the delimiter or the quote'],
  [{ comment: "#", escape: "\\" }, "comment needs a delimiter and a quote of one character of ASCII"],
  [{ shortRows: "fill" }, "shortRows is 'fill', expected 'error' or 'null'"],
])("rejects %j", async (options, message) => {
  const reading = read("a\n1\n", options);
  await expect(reading).rejects.toThrow(TypeError);
  await expect(reading).rejects.toThrow(message);
});
