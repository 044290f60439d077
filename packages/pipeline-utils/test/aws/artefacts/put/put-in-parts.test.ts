import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";

import type { RetryEvent } from "../../../../src/aws/client-retry.js";
import { putObjectToS3 } from "../../../../src/aws/artefacts/put/put-object.js";
import { ArtefactExistsError } from "../../../../src/errors.js";
import { startFaultProxy } from "../../../support/fault-proxy.js";
import type { FaultProxy, Fault, ProxiedRequest } from "../../../support/fault-proxy.js";
import { leftIn } from "../../../support/left-in.js";
import { putPlain, startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const filename = "sales_2021-07-03.csv";
const bytes = Buffer.alloc(9 * MIB, "x");

let s3: TestS3;
let proxy: FaultProxy | undefined;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterEach(async () => {
  await proxy?.stop();
});
afterAll(async () => {
  await s3.stop();
});

const isClaim = ({ method, url }: ProxiedRequest): boolean => method === "PUT" && url.includes(".claim");
const isPart = ({ url }: ProxiedRequest): boolean => url.includes("partNumber=2");

/** A client through a proxy that does something to the first of some requests. */
async function clientWithFault(
  isHit: (request: ProxiedRequest) => boolean,
  fault: Fault | (() => Promise<Fault>),
  retries: RetryEvent[] = [],
): Promise<TestS3["client"]> {
  let isDone = false;
  proxy = await startFaultProxy(s3.endpoint, (request) => {
    if (isDone || !isHit(request)) return { kind: "pass" };
    isDone = true;
    return typeof fault === "function" ? fault() : fault;
  });
  return s3.clientWith({ endpoint: proxy.endpoint, onRetry: (event) => retries.push(event) });
}

test("a key of S3's full length is put in parts, though no claim can be named for it", async () => {
  const bucket = await s3.bucket();
  const folder = "k".repeat(1024 - 1 - filename.length);
  await putObjectToS3(bytes, { bucket, folder, filename, client: s3.client });
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [`${folder}/${filename}`], uploads: 0 });
});

test("a claim whose answer is lost is known for the writer's own", async () => {
  const bucket = await s3.bucket();
  const client = await clientWithFault(isClaim, { kind: "lose-answer" });
  await putObjectToS3(bytes, { bucket, filename, client });
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
});

test("a claim is removed after the caller's signal too", async () => {
  const bucket = await s3.bucket();
  const controller = new AbortController();
  // The server makes the claim; nothing of its answer comes.
  const client = await clientWithFault(isClaim, { kind: "stall-body", after: 0 });
  setTimeout(() => {
    controller.abort(new Error("enough"));
  }, 1500);
  const put = putObjectToS3(bytes, { bucket, filename, client, signal: controller.signal });
  await expect(put).rejects.toThrow("enough");
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

test("an upload that begins while the caller gives up is ended", async () => {
  const bucket = await s3.bucket();
  const controller = new AbortController();
  const client = await clientWithFault(
    ({ url }) => url.includes("?uploads"),
    async () => {
      controller.abort(new Error("enough"));
      return { kind: "pass" };
    },
  );
  const put = putObjectToS3(bytes, { bucket, filename, client, signal: controller.signal });
  await expect(put).rejects.toThrow("enough");
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

test("an upload that never begins does not hold the caller long beyond the signal", async () => {
  const bucket = await s3.bucket();
  const mute = await clientWithFault(({ url }) => url.includes("?uploads"), { kind: "hang" });
  const signal = AbortSignal.timeout(300);
  await expect(putObjectToS3(bytes, { bucket, filename, client: mute, signal })).rejects.toMatchObject({
    name: "TimeoutError",
    message: "The operation was aborted due to timeout",
  });
});

test("a claim of another writer is waited for, and stays", async () => {
  const bucket = await s3.bucket();
  await putPlain(s3.client, bucket, `${filename}.claim`);
  const put = putObjectToS3(bytes, { bucket, filename, client: s3.client });
  setTimeout(() => void putPlain(s3.client, bucket, filename), 1000);
  await expect(put).rejects.toThrow(ArtefactExistsError);
  expect((await leftIn(s3.client, bucket)).keys).toEqual([filename, `${filename}.claim`]);
});

test("a part that is cut after longer than the SDK tries again is sent again, and reported", async () => {
  const bucket = await s3.bucket();
  const retries: RetryEvent[] = [];
  const late = async (): Promise<Fault> => {
    await new Promise((resolve) => setTimeout(resolve, 6500));
    return { kind: "reset" };
  };
  await clientWithFault(isPart, late, retries);
  const client = s3.clientWith({
    endpoint: proxy?.endpoint ?? "",
    idleMilliseconds: 8000,
    onRetry: (event) => retries.push(event),
  });
  await putObjectToS3(bytes, { bucket, filename, client });
  expect(retries.map(({ message }) => message)).toEqual([
    expect.stringMatching(/the connection was cut .*, part 2 is sent again in 200 ms$/),
  ]);
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
});

const hanging = async function* (first: Uint8Array): AsyncGenerator<Uint8Array> {
  yield first;
  await new Promise(() => undefined);
};

test.each([
  ["at once", Buffer.alloc(0)],
  ["within the first part", Buffer.alloc(1000)],
  ["after some parts", Buffer.alloc(20 * MIB)],
])("a source that hangs %s does not hold the caller beyond the signal", async (_, first) => {
  const bucket = await s3.bucket();
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(new Error("enough"));
  }, 1000);
  const put = putObjectToS3(hanging(first), {
    bucket,
    filename,
    client: s3.client,
    signal: controller.signal,
  });
  await expect(put).rejects.toThrow("enough");
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

test("a source that hangs does not hold back the news that a part is refused", async () => {
  const bucket = await s3.bucket();
  const client = await clientWithFault(isPart, { kind: "answer", status: 403 });
  const put = putObjectToS3(hanging(Buffer.alloc(20 * MIB)), { bucket, filename, client });
  await expect(put).rejects.toThrow("access denied");
  expect(await leftIn(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});
