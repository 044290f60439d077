import { spawn } from "node:child_process";
import { utimesSync, writeFileSync } from "node:fs";
import { appendFile, mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { readAll } from "../../../../src/aws/artefacts/get/body.js";
import { putFileToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const filename = "sales_2021-07-03.csv";

let s3: TestS3;
let folder: string;
beforeAll(async () => {
  s3 = await startTestS3();
  folder = await mkdtemp(path.join(tmpdir(), "put-file-test-"));
});
afterAll(async () => {
  await s3.stop();
  await rm(folder, { recursive: true });
});

test.each([
  ["small", 1000],
  ["large", 9 * MIB],
])("puts a %s file with its sha256 and its size", async (_, size) => {
  const bucket = await s3.bucket();
  const file = path.join(folder, "data.csv");
  await writeFile(file, Buffer.alloc(size, "x"));
  const totals = new Set<number | undefined>();
  const artefact = await putFileToS3(file, {
    bucket,
    filename,
    client: s3.client,
    onProgress: ({ bytesTotal }) => totals.add(bytesTotal),
  });
  expect([...totals]).toEqual([size]);
  const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: filename }));
  expect(head.Metadata?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await readAll(await artefact.get())).toHaveLength(size);
});

test.each([
  ["may not be replaced", { overwrite: false }, 1],
  ["may be replaced", { overwrite: true }, 0],
])("checks a large file's key at most once before it sends: the key %s", async (_, how, times) => {
  const bucket = await s3.bucket();
  const { client, requests } = await s3.through(() => ({ kind: "pass" }));
  const file = path.join(folder, "asked.csv");
  await writeFile(file, Buffer.alloc(9 * MIB, "x"));
  await putFileToS3(file, { bucket, filename, client, ...how });
  const begun = requests.findIndex((request) => request.includes("?uploads"));
  const asked = requests.slice(0, begun).filter((request) => request.startsWith("HEAD"));
  expect(asked.filter((request) => request.includes(filename))).toHaveLength(times);
  expect(asked.filter((request) => !request.includes(filename))).toHaveLength(1);
});

test("rejects a file that changes during the put, even when its time is set back", async () => {
  const bucket = await s3.bucket();
  const file = path.join(folder, "set-back.csv");
  await writeFile(file, Buffer.alloc(50 * MIB, "x"));
  const { atime, mtime } = await stat(file);
  await utimes(file, atime, mtime);
  const put = putFileToS3(file, {
    bucket,
    filename,
    client: s3.client,
    // At once, so that it is over before the end of the file is read.
    onProgress: () => {
      writeFileSync(file, "y", { flag: "r+" });
      utimesSync(file, atime, mtime);
    },
  });
  await expect(put).rejects.toThrow("changed while it was read");
});

test("rejects a file that changes during the put", async () => {
  const bucket = await s3.bucket();
  const file = path.join(folder, "changing.csv");
  await writeFile(file, Buffer.alloc(50 * MIB, "x"));
  let isChanged = false;
  const put = putFileToS3(file, {
    bucket,
    filename,
    client: s3.client,
    onProgress: () => {
      if (!isChanged) {
        void appendFile(file, "more");
      }
      isChanged = true;
    },
  });
  await expect(put).rejects.toThrow("changing.csv changed while it was read");
  expect((await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
  expect((await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual(
    [],
  );
});

test("ends at once and leaves no parts when a program aborts at SIGTERM", async () => {
  const bucket = await s3.bucket();
  const file = path.join(folder, "long.csv");
  await writeFile(file, Buffer.alloc(200 * MIB, "x"));
  const dist = new URL("../../../../dist/aws/index.js", import.meta.url);
  const program = `
    import { putFileToS3 } from ${JSON.stringify(dist.href)};
    const stop = new AbortController();
    process.once("SIGTERM", () => stop.abort(new Error("stopped")));
    const options = { bucket: "${bucket}", filename: "${filename}", signal: stop.signal };
    const onProgress = ({ bytesDone }) => console.log(bytesDone);
    const ended = await putFileToS3(${JSON.stringify(file)}, { ...options, onProgress }).catch((error) => error);
    console.log(ended.message);
    process.exit(0);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (lines.push(line) === 1) {
      child.kill("SIGTERM");
    }
  }
  expect(lines.at(-1)).toBe("stopped");
  expect(Number(lines.at(-2))).toBeLessThan(200 * MIB);
  expect((await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  expect(Uploads).toEqual([]);
});

test("throws Node's own error for a missing file", async () => {
  const put = putFileToS3(path.join(folder, "none.csv"), { bucket: "b-b", filename, client: s3.client });
  await expect(put).rejects.toThrow("ENOENT: no such file or directory");
});
