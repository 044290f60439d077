import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";

import { findLatestArtefactOnS3, putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import type { TransferProgress } from "@ml-pipelines/pipeline-utils/aws";
import { readAll } from "../../../src/aws/artefacts/get/body.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const MIB = 1024 * 1024;
const filename = "sales_2021-07-03.csv";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

test.each([
  ["small", 1000],
  ["large", 20 * MIB],
])("calls a callback that threw no more, and completes the transfer of a %s object", async (_, size) => {
  const bucket = await s3.bucket();
  const calls: TransferProgress[] = [];
  const onProgress = (progress: TransferProgress): never => {
    calls.push(progress);
    throw new Error("no terminal");
  };
  const warn = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const artefact = await putObjectToS3(Buffer.alloc(size), {
    bucket,
    filename,
    client: s3.client,
    onProgress,
  });
  const message = "onProgress threw, and is not called again: no terminal";
  expect(warn.mock.calls).toEqual([[message, "S3Progress"]]);
  expect(calls).toHaveLength(1);
  expect(await readAll(await artefact.get({ onProgress }))).toHaveLength(size);
  expect(calls).toHaveLength(2);
  warn.mockRestore();
});

test("warns once of a callback that rejects, and completes the transfer", async () => {
  const bucket = await s3.bucket();
  const warn = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const onProgress = async (): Promise<void> => {
    await Promise.resolve();
    throw new Error("no terminal");
  };
  const options = { bucket, filename, client: s3.client, onProgress };
  await putObjectToS3(Buffer.alloc(20 * MIB), options);
  const message = "onProgress threw, and is not called again: no terminal";
  expect(warn.mock.calls).toEqual([[message, "S3Progress"]]);
  warn.mockRestore();
});

test("reports the download of an empty object once", async () => {
  const bucket = await s3.bucket();
  await putPlain(s3.client, bucket, "empty/a_2021-07-03.csv", Buffer.alloc(0));
  const seen: unknown[] = [];
  const artefact = await findLatestArtefactOnS3("csv", bucket, { folder: "empty", client: s3.client });
  const body = await artefact.get({ onProgress: (progress) => seen.push(progress) });
  expect(await readAll(body)).toHaveLength(0);
  expect(seen).toEqual([{ bytesDone: 0, bytesTotal: 0 }]);
});
