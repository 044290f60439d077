import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { ReadCsvOptions } from "@ml-pipelines/pipeline-utils";
import { FormatError, readCsv, writeCsv } from "@ml-pipelines/pipeline-utils";
import { Float32, Float64, Int16, Int64, Table, Utf8, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import { streamOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { plain } from "./plain.js";

type Cell = null | string | { readonly number: string };

const expected = JSON.parse(
  readFileSync(new URL("../fixtures/formats/decimals/expected.json", import.meta.url), "utf8"),
) as readonly { readonly text: string; readonly columns: Readonly<Record<string, readonly Cell[]>> }[];

const read = async (text: string, options: ReadCsvOptions = {}): Promise<Record<string, unknown[]>> => {
  const table = await readCsv(streamOf(text, 5), { address: "s3://b/k.csv", ...options });
  return Object.fromEntries(plain(table).map(({ name, values }) => [name, values]));
};

describe('decimal: ","', () => {
  test("returns what pandas returns", async () => {
    for (const { text, columns } of expected) {
      const found = await read(text, { delimiter: ";", decimal: "," });
      const wanted = Object.entries(columns).map(([name, cells]) => [
        name,
        cells.map((cell) =>
          typeof cell === "object" && cell !== null ? Number(cell.number.replace("inf", "Infinity")) : cell,
        ),
      ]);
      expect({ text, columns: found }).toEqual({ text, columns: Object.fromEntries(wanted) as unknown });
    }
  });

  test("returns the table that points and commas give, with texts as written", async () => {
    const number = fc.oneof(
      fc.double().map(String),
      fc.integer().map(String),
      fc.integer({ min: 0, max: 99 }).map((value) => (value / 10).toFixed(2)),
      fc.constantFrom("", "-0.0", "5.", ".5", "1e3", " 2.5 ", "9007199254740993", `0.${"1".repeat(2000)}`),
    );
    const field = fc.oneof({ weight: 30, arbitrary: number }, fc.constantFrom("x", "1.5.2", "007"));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(number, field), { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = ["a;b", ...rows.map((row) => row.join(";")), ""].join("\n");
        const points = plain(await readCsv(streamOf(text), { delimiter: ";" }));
        const options = { delimiter: ";", decimal: "," } as const;
        const commas = plain(await readCsv(streamOf(text.replaceAll(".", ",")), options));
        const asWritten = (value: unknown): unknown =>
          typeof value === "string" ? value.replaceAll(".", ",") : value;
        expect(commas).toEqual(points.map((column) => ({ ...column, values: column.values.map(asWritten) })));
      }),
      runsOf(200),
    );
  });

  test("returns requested types, also from quotes between commas", async () => {
    const columnTypes = { a: new Float64(), b: new Int16(), c: new Int64(), d: new Float32(), e: new Utf8() };
    const options = { decimal: ",", columnTypes } as const;
    expect(await read('a,b,c,d,e\n"1,5","2,0",9007199254740993,"0,5","1,5"\n,3,,,1\n', options)).toEqual({
      a: [1.5, null],
      b: [2, 3],
      c: [9007199254740993n, null],
      d: [0.5, null],
      e: ["1,5", "1"],
    });
    const schema = { n: { type: "number", maximum: 1 } } as const;
    await expect(read("n;t\n1,5;x\n1.5;y\n", { delimiter: ";", decimal: ",", schema })).rejects.toThrow(
      's3://b/k.csv: 2 values or columns are not as expected: line 2: n is 1.5, expected at most 1; line 3: n is "1.5", expected a number',
    );
  });

  test("returns numbers of a dialect that papaparse reads", async () => {
    const options = { delimiter: "||", decimal: "," } as const;
    expect(await read("a||b\n1,5||x,y\n2||\u001f\n", options)).toEqual({ a: [1.5, 2], b: ["x,y", "\u001f"] });
  });

  test("rejects another character", async () => {
    const untyped: object = { decimal: "'" };
    await expect(read("a\n1\n", untyped)).rejects.toThrow(
      new TypeError(`decimal is "'", expected '.' or ','`),
    );
  });
});

describe("a file with semicolons under the default delimiter", () => {
  const advice = 'if semicolons separate the fields, use delimiter: ";"';
  test.each([
    ["a;b\nx;1\n", `s3://b/k.csv line 1: found one column, named "a;b"; ${advice}`],
    ["a;b", `s3://b/k.csv line 1: found one column, named "a;b"; ${advice}`],
    [
      "\n#x\na;b\nx;-1,5\r\n",
      `line 3: found one column, named "a;b"; ${advice} and, for numbers such as "-1,5"`,
    ],
    ["a;b\n1,25;x\n", `${advice} and, for numbers such as "1,25", decimal: ","`],
    ["a;b\nx, y;1,2,3\n", `"a;b"; ${advice}`],
    [
      '"a";"b"\n"x";"1,5"\n',
      `line 1: found ";" after a closing quote, expected a delimiter or a line end; ${advice}`,
    ],
    ['"a";"b"\n"x";"1,5"\n', `${advice} and, for numbers such as "1,5", decimal: ","`],
  ])("rejects %j", async (text, message) => {
    const reading = read(text, { comment: "#" });
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/(";"|",")$/);
  });

  test("returns one column when its name is in quotes, or the delimiter is given", async () => {
    expect(await read('"a;b"\n1\n')).toEqual({ "a;b": [1] });
    expect(await read("a;b\n1\n", { delimiter: "," })).toEqual({ "a;b": [1] });
    expect(await read("a;b,c\n1,2\n")).toEqual({ "a;b": [1], c: [2] });
    const table = new Table({ "a;b": vectorFromArray(["x;y"], new Utf8()) });
    expect(plain(await readCsv(writeCsv(table)))).toEqual(plain(table));
  });
});
