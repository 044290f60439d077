import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startLocalS3 } from "../../src/start-local-s3.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "local-s3-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("a folder with somebody's files is refused, and left as it is", async () => {
  await writeFile(path.join(folder, "thesis.doc"), "");
  await expect(startLocalS3({ directory: folder })).rejects.toThrow(
    `the folder ${folder} holds thesis.doc, which is not local-s3's: give an empty folder`,
  );
});

test("a file is refused", async () => {
  const file = path.join(folder, "file");
  await writeFile(file, "");
  await expect(startLocalS3({ directory: file })).rejects.toThrow(`${file} is not a folder`);
});

test("its own folder is taken again", async () => {
  for (const run of [1, 2]) {
    const server = await startLocalS3({ directory: folder, buckets: [`bucket-${run}`] });
    await server.stop();
  }
});
