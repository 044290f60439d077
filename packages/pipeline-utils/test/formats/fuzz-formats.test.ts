import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compareWithPeers } from "../../bench/fuzz-formats/compare-with-peers.mjs";
import { randomFile } from "../../bench/fuzz-formats/random-file.mjs";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "fuzz-formats-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("agrees with other readers on random files, and finds a changed cell", async () => {
  const file = path.join(folder, "random.csv");
  for (let seed = 0; seed < 3; seed++) {
    const random = randomFile(seed);
    await writeFile(file, random.text);
    const cells = random.columns.length * random.columns[0]!.values.length;
    expect((await compareWithPeers(file, random)).get("what was written")).toBe(cells);
    const [first, ...others] = random.columns;
    const columns = [{ ...first!, values: ["0.25", ...first!.values.slice(1)] }, ...others];
    await expect(compareWithPeers(file, { columns })).rejects.toThrow("strictly deep-equal");
  }
});
