// npm run bench -- csv-memory [MEGABYTES]: the most memory that readCsv of a stream takes, for files of many kinds.
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { writeFields } from "./formats/generate.mjs";
import { randomNumbers } from "./formats/random-numbers.mjs";

const megabytes = Number(process.argv[2] ?? 100);
const reader = fileURLToPath(new URL("./formats/ours.mjs", import.meta.url));
const random = randomNumbers(13);
/** @param {number} below */
const integer = (below) => Math.floor(random() * below);
const letter = () => "ABCDEFGH"[integer(8)] ?? "";
const tenths = () => integer(100) / 10;
/**
 * @param {number} share
 * @param {() => unknown} value
 */
const rarely = (share, value) => (random() < share ? value() : "");

/**
 * Values of each of so many columns, and of the last record; `isTable`: where Arrow's table alone, or with Node,
 * takes more than the bound.
 *
 * @type {readonly { kind: string, columns: number, field: (column: number) => unknown, last?: string, isTable?: boolean }[]}
 */
const KINDS = [
  { kind: "letters", columns: 20, field: letter },
  { kind: "digits", columns: 2, field: () => integer(10) },
  { kind: "decimals, 5.0", columns: 2, field: () => tenths().toFixed(1) },
  { kind: "decimals, 5 and 5.3", columns: 2, field: tenths },
  { kind: "prices", columns: 3, field: () => (integer(10_000) / 100).toFixed(2) },
  { kind: "floats", columns: 3, field: random },
  { kind: "truth values", columns: 5, field: () => random() < 0.5 },
  { kind: "commas", columns: 100, field: (column) => (column === 0 ? rarely(0.1, letter) : "") },
  { kind: "text in the last record", columns: 2, field: () => integer(1000), last: "x" },
  { kind: "5,000 columns of texts", columns: 5000, field: () => `${letter()}${letter()}${integer(100_000)}` },
  {
    kind: "5,000 columns of both",
    columns: 5000,
    field: (column) => (column % 2 ? `${letter()}${letter()}` : integer(1000)),
  },
  { kind: "long texts", columns: 2, field: (column) => (column ? letter().repeat(2000) : integer(100)) },
  { kind: "letters, a tenth null", columns: 20, field: () => rarely(0.9, letter), isTable: true },
  { kind: "integers, most null", columns: 20, field: () => rarely(0.05, () => integer(1000)), isTable: true },
  { kind: "floats, most null", columns: 20, field: () => rarely(0.05, random), isTable: true },
];

/** @param {readonly string[]} cells */
const line = (cells) =>
  [cells[0]?.padEnd(26), ...cells.slice(1, 5).map((cell) => cell.padStart(8)), cells[5]].join("  ").trimEnd();

const folder = await mkdtemp(path.join(tmpdir(), "bench-csv-memory-"));
try {
  console.log(`MB of a million bytes; the bound is 2.5 times the file and 100; Node ${process.version}`);
  console.log(line(["kind", "file", "peak", "bound", "table", ""]));
  for (const { kind, columns, field, last, isTable = false } of KINDS) {
    const file = path.join(folder, "file.csv");
    await writeFields(file, megabytes * 1e6, columns, field, last);
    const size = (await stat(file)).size / 1e6;
    const { stdout } = await promisify(execFile)(process.execPath, [reader, "stream-csv", file]);
    const { peak, table } = JSON.parse(stdout);
    const bound = 2.5 * size + 100;
    const isOver = peak > bound;
    const note = isTable ? "the table alone, or with Node, is over" : isOver ? "OVER" : "";
    console.log(line([kind, ...[size, peak, bound, table].map((number) => number.toFixed(0)), note]));
    if (isOver && !isTable) {
      process.exitCode = 1;
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
