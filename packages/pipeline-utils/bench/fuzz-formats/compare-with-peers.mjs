import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { readCsv } from "@ml-pipelines/pipeline-utils";

/** @typedef {{ columns: ReturnType<import("./random-file.mjs").randomFile>["columns"] }} Expected */

const pandas = fileURLToPath(new URL("./read_with_pandas.py", import.meta.url));
const duckdb = await DuckDBInstance.create(":memory:", { threads: "1" });

/**
 * Read a file by readCsv and compare each cell with what was written, and with what others read.
 *
 * @param {string} file
 * @param {Expected} expected
 * @returns {Promise<Map<string, number>>} How many cells were compared with each.
 */
export async function compareWithPeers(file, { columns }) {
  const table = await readCsv(createReadStream(file, { highWaterMark: 4096 }));
  const ours = Object.fromEntries(
    columns.map(({ name }) => [name, [...(table.getChild(name) ?? [])].map(plain)]),
  );
  const written = Object.fromEntries(
    columns.map(({ name, kind, values }) => [
      name,
      values.map((text) => (text === null || kind === "text" ? text : Number(text))),
    ]),
  );
  assert.deepEqual(ours, written);
  const cells = table.numRows * columns.length;
  const counts = new Map([["what was written", cells]]);
  const byPandas = await readByPandas(file);
  if (byPandas !== undefined) {
    for (const { name, kind } of columns) {
      /** @param {string | null} text */
      const valueOf = (text) => (kind === "text" || text === null ? text : Number(text));
      assert.deepEqual(ours[name], byPandas[name]?.map(valueOf));
    }
    counts.set("pandas", cells);
  }
  const texts = columns.filter(({ kind }) => kind === "text");
  assert.deepEqual(
    texts.map(({ name }) => ours[name]),
    await readByDuckdb(file, columns),
  );
  return counts.set("DuckDB", table.numRows * texts.length);
}

/** @param {unknown} value */
const plain = (value) => (typeof value === "bigint" ? Number(value) : value);

/**
 * @param {string} file
 * @returns {Promise<Record<string, (string | null)[]> | undefined>} undefined where it is not installed
 */
async function readByPandas(file) {
  try {
    const { stdout } = await promisify(execFile)("/usr/bin/python3", [pandas, file], { maxBuffer: 1 << 26 });
    return JSON.parse(stdout);
  } catch (error) {
    if (/ENOENT|ModuleNotFoundError/.test(String(error))) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The texts of the columns of text. (DuckDB's numbers are its own affair: it has other types.)
 *
 * @param {string} file
 * @param {Expected["columns"]} columns
 */
async function readByDuckdb(file, columns) {
  const connection = await duckdb.connect();
  const reader = await connection.runAndReadAll(
    `SELECT * FROM read_csv('${file}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
      columns = {${columns.map(({ name }) => `${name}: 'VARCHAR'`).join(", ")}})`,
  );
  const read = reader.getColumns();
  connection.closeSync();
  return read.filter((_, index) => columns[index]?.kind === "text");
}
