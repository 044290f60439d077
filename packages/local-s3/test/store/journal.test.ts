import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Journal } from "../../src/store/journal.js";
import type { JournalRecord } from "../../src/store/records.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "local-s3-journal-"));
});
afterAll(() => rm(folder, { recursive: true }));

const header = '{"format":"local-s3/journal","formatVersion":1}\n';
const created = (bucket: string): JournalRecord => ({ op: "create-bucket", bucket, created: 1 });

async function replayed(file: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  const journal = await Journal.open(file, (record) => records.push(record));
  journal.close();
  return records;
}

describe("Journal", () => {
  test("returns the appended records in order", async () => {
    const file = path.join(folder, "order");
    const records: JournalRecord[] = [
      created("one"),
      { op: "set-versioning", bucket: "one", versioning: "Enabled" },
      {
        op: "put-version",
        bucket: "one",
        key: "line\nbreak ü 😀",
        version: {
          kind: "object",
          versionId: "null",
          sequence: 1,
          modified: 2,
          size: 3,
          etag: "e",
          blobs: [{ id: "0".repeat(24), size: 3 }],
          multipart: false,
          checksum: { algorithm: "CRC32", value: "AAAAAA==" },
          parts: [{ partNumber: 1, size: 3, checksum: "AAAAAA==" }],
          headers: { "content-type": "text/csv" },
          metadata: { __proto__: "x", a: "b" },
          tags: { k: "v" },
        },
      },
      { op: "create-bucket", bucket: "two", created: 1, region: "eu-west-1", tags: { a: "1" } },
      { op: "set-bucket-tags", bucket: "two", tags: {} },
      { op: "set-tags", bucket: "one", key: "k", versionId: "null", tags: { ü: "" } },
    ];
    const journal = await Journal.open(file, () => undefined);
    for (const record of records) {
      journal.append(record);
    }
    journal.close();
    expect(await replayed(file)).toEqual(records);
  });

  test("cuts off an incomplete last line, at whatever byte, and continues after the line before", async () => {
    const file = path.join(folder, "torn");
    const whole = `${header}${JSON.stringify(created("whole"))}\n`;
    const torn = JSON.stringify(created("torn-ü"));
    for (let length = 0; length <= Buffer.byteLength(torn); length++) {
      await writeFile(file, whole);
      await appendFile(file, Buffer.from(torn).subarray(0, length));
      const journal = await Journal.open(file, () => undefined);
      journal.append(created("next"));
      journal.close();
      expect(await replayed(file)).toEqual([created("whole"), created("next")]);
    }
  });

  test("starts again when the first line is incomplete", async () => {
    const file = path.join(folder, "torn-header");
    await writeFile(file, header.slice(0, 10));
    expect(await replayed(file)).toEqual([]);
    expect(await readFile(file, "utf8")).toBe(header);
  });

  const damaged: readonly (readonly [line: string, message: RegExp])[] = [
    ["{", /line 2: .*JSON/],
    ["[]", /line 2: a JSON object was expected/],
    ['{"op":"evil","bucket":"b"}', /line 2: op is "evil", which this version does not know/],
    ['{"op":"create-bucket","bucket":"b"}', /line 2: created is missing, expected a whole number/],
    ['{"op":"create-bucket","bucket":7,"created":1}', /line 2: bucket is 7, expected a string/],
    ['{"op":"set-versioning","bucket":"b","versioning":"On"}', /expected one of Enabled, Suspended/],
    [
      '{"op":"put-part","bucket":"b","uploadId":"u","part":{"partNumber":1,"size":1,"etag":"e","blobs":[{"id":"../../etc/passwd","size":1}],"modified":1}}',
      /line 2: a blob's id is "\.\.\/\.\.\/etc\/passwd", expected 24 hexadecimal digits/,
    ],
  ];
  for (const [line, message] of damaged) {
    test(`rejects a file with the line ${line.slice(0, 50)}, naming file and line`, async () => {
      const file = path.join(folder, "damaged");
      await writeFile(file, `${header}${line}\n${JSON.stringify(created("b"))}\n`);
      await expect(replayed(file)).rejects.toThrow(message);
      await expect(replayed(file)).rejects.toThrow(`${file} line 2: `);
    });
  }

  test("rejects a file of another kind", async () => {
    const file = path.join(folder, "other");
    await writeFile(file, '{"my":"data"}\n');
    await expect(replayed(file)).rejects.toThrow("the first line is not");
    expect(await readFile(file, "utf8")).toBe('{"my":"data"}\n');
  });

  test("replaces the file by a rewritten one", async () => {
    const file = path.join(folder, "rewritten");
    await writeFile(file, `${header}${JSON.stringify(created("old"))}\n`);
    Journal.rewrite(file, [created("new")]);
    expect(await replayed(file)).toEqual([created("new")]);
  });
});
