import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { ReadCsvOptions } from "@ml-pipelines/pipeline-utils";
import { readCsv } from "@ml-pipelines/pipeline-utils";
import { streamOf } from "./bytes.js";

const expected = JSON.parse(
  readFileSync(new URL("../fixtures/formats/headers/expected.json", import.meta.url), "utf8"),
) as { readonly header: readonly string[]; readonly pandas: readonly string[] }[];

/** A line of CSV with every name in quotes. */
const lineOf = (names: readonly string[]): string =>
  `${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",")}\n`;

const namesOf = async (text: string, options: ReadCsvOptions): Promise<readonly string[]> => {
  const table = await readCsv(streamOf(text, 7), { address: "s3://b/k.csv", ...options });
  return table.schema.fields.map(({ name }) => name);
};

test('returns the names of pandas when header is "rename"', async () => {
  expect(expected.length).toBeGreaterThan(300);
  for (const { header, pandas } of expected) {
    expect({ header, names: await namesOf(lineOf(header), { header: "rename" }) }).toEqual({
      header,
      names: pandas,
    });
  }
});

test("returns renamed columns when papaparse reads the file", async () => {
  expect(await namesOf("x||||x\n1||2||3\n", { header: "rename", delimiter: "||" })).toEqual([
    "x",
    "Unnamed: 1",
    "x.1",
  ]);
});

test("returns 16,384 names from a header of one name, in linear time", async () => {
  const names = await namesOf(`${"x,".repeat(16_383)}x\n`, { header: "rename" });
  expect(names.at(-1)).toBe("x.16383");
}, 5000);

test.each<[string, ReadCsvOptions, string]>([
  [
    "a,b,a\n",
    {},
    's3://b/k.csv line 1: columns 1 and 3 are both named "a"; header: "rename" would rename it, as pandas does',
  ],
  ["a,,c\n", { header: "strict" }, "s3://b/k.csv line 1: column 2 of 3 has no name; header"],
])("rejects %j with %j", async (text, options, message) => {
  await expect(namesOf(text, options)).rejects.toThrow(message);
});

test("rejects another value, and columnNames beside header", async () => {
  const untyped: object = { header: "Rename" };
  await expect(namesOf("a\n", untyped)).rejects.toThrow(
    new TypeError("header is 'Rename', expected 'strict' or 'rename'"),
  );
  await expect(namesOf("1\n", { header: "rename", columnNames: ["a"] })).rejects.toThrow(
    new TypeError('header is "rename", but columnNames says that the file has no header line'),
  );
});
