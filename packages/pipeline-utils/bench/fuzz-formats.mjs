// npm run bench -- fuzz-formats [MINUTES=5] [SEED]: the properties of the formats' tests on other cases than the tests', and
// random files read by readCsv, pandas and DuckDB. It ends at the first difference; SEED, which it prints, finds it again.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compareWithPeers } from "./fuzz-formats/compare-with-peers.mjs";
import { randomFile } from "./fuzz-formats/random-file.mjs";

const FUZZ_RUNS = 5000;
const FILES_A_ROUND = 40;
const minutes = Number(process.argv[2] ?? 5);
const firstSeed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const jest = [
  "--experimental-vm-modules",
  "node_modules/jest/bin/jest.js",
  "--silent",
  ...[
    "csv-blocks",
    "csv-compressed",
    "csv-decimal",
    "csv-differential",
    "csv-encodings",
    "csv-round-trip",
    "parquet-round-trip",
    "parquet-flipped",
    "parse-number",
    "parse-whole",
    "put-number",
  ].map((name) => `packages/pipeline-utils/test/formats/${name}`),
];

/** @param {number} seed */
async function testProperties(seed) {
  const env = { ...process.env, FUZZ_RUNS: String(FUZZ_RUNS), FUZZ_SEED: String(seed) };
  await promisify(execFile)(process.execPath, jest, { cwd: root, env, maxBuffer: 1 << 26 });
}

const end = Date.now() + minutes * 60_000;
const folder = await mkdtemp(path.join(tmpdir(), "fuzz-formats-"));
/** @type {Map<string, number>} */
const cells = new Map();
let rounds = 0;
try {
  console.log(`seed ${firstSeed}`);
  for (let seed = firstSeed; Date.now() < end; seed++, rounds++) {
    await testProperties(seed);
    for (let file = 0; file < FILES_A_ROUND; file++) {
      const name = path.join(folder, "random.csv");
      const random = randomFile(seed * FILES_A_ROUND + file);
      await writeFile(name, random.text);
      for (const [peer, count] of await compareWithPeers(name, random)) {
        cells.set(peer, (cells.get(peer) ?? 0) + count);
      }
    }
  }
} catch (error) {
  console.error(`seed ${firstSeed + rounds}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}
const compared = [...cells].map(([peer, count]) => `${count} with ${peer}`).join(", ");
console.log(
  `${rounds} rounds of ${FUZZ_RUNS} to ${4 * FUZZ_RUNS} cases of each property and ${FILES_A_ROUND} random files, ` +
    `seeds ${firstSeed} to ${firstSeed + rounds - 1}; cells compared: ${compared || "none"}`,
);
