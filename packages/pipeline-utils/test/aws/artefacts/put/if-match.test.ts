import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { ArtefactChangedError, putObjectToS3, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import type { S3TimestampedArtefact } from "@ml-pipelines/pipeline-utils/aws";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import { faultOnFirst } from "@ml-pipelines/test-support/fault-proxy";
import type { ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { bucketContents } from "../../../support/bucket-contents.js";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const filename = "sales_2021-07-03T23:05:32.csv";
const SIZES: [string, number][] = [
  ["in one request", 1000],
  ["in parts", 9 * 1024 * 1024],
];

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** A bucket with the object to replace. */
async function withFirst(): Promise<{ bucket: string; first: S3TimestampedArtefact }> {
  const bucket = await s3.bucket();
  return {
    bucket,
    first: await putObjectToS3(Buffer.from("first"), { bucket, filename, client: s3.client }),
  };
}

async function sizeOf(bucket: string): Promise<number> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: filename }));
  return (await Body?.transformToByteArray())?.length ?? -1;
}

describe.each(SIZES)("a write %s with ifMatch", (_, size) => {
  const bytes = Buffer.alloc(size, "x");

  test.each([
    ["without quotes", (etag: string) => etag],
    ["in quotes", (etag: string) => `"${etag}"`],
  ])("replaces the object with that ETag, given %s", async (_name, spell) => {
    const { bucket, first } = await withFirst();
    const options = { bucket, filename, client: s3.client, ifMatch: spell(first.etag) };
    const second = await putObjectToS3(bytes, options);
    expect(second.etag).not.toBe(first.etag);
    expect(await sizeOf(bucket)).toBe(size);
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
  });

  test("rejects another object, and leaves it as it is", async () => {
    const { bucket, first } = await withFirst();
    const options = { bucket, filename, client: s3.client };
    await putObjectToS3(Buffer.from("second"), { ...options, overwrite: true });
    const put = putObjectToS3(bytes, { ...options, ifMatch: first.etag });
    await expect(put).rejects.toThrow(ArtefactChangedError);
    await expect(put).rejects.toThrow(
      /^s3:\/\/test-\S+csv: its ETag is [0-9a-f]{32}, expected ETag [0-9a-f]{32} \(ifMatch\)$/,
    );
    expect(await sizeOf(bucket)).toBe("second".length);
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
  });

  test("rejects a key without an object", async () => {
    const bucket = await s3.bucket();
    const put = putObjectToS3(bytes, { bucket, filename, client: s3.client, ifMatch: "0".repeat(32) });
    await expect(put).rejects.toThrow(ArtefactChangedError);
    await expect(put).rejects.toThrow(/: there is no object, expected ETag 0{32} \(ifMatch\)$/);
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
  });

  test("lets one of several writers win", async () => {
    const { bucket, first } = await withFirst();
    const writers = Array.from({ length: 4 }, (_unused, i) =>
      putObjectToS3(Buffer.concat([bytes, Buffer.from([i])]), {
        bucket,
        filename,
        client: s3.client,
        ifMatch: first.etag,
      }),
    );
    const outcomes = await Promise.allSettled(writers);
    const errors = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason as unknown] : [],
    );
    expect(errors).toHaveLength(writers.length - 1);
    for (const error of errors) {
      expect(error).toBeInstanceOf(ArtefactChangedError);
    }
  });

  test("knows its own object after a lost answer", async () => {
    const { bucket, first } = await withFirst();
    const isWrite = ({ method, url }: ProxiedRequest): boolean =>
      size > 1000 ? method === "POST" && url.includes("uploadId=") : method === "PUT";
    const { client } = await s3.through(faultOnFirst(isWrite, () => ({ kind: "lose-answer" })));
    await putObjectToS3(bytes, { bucket, filename, client, ifMatch: first.etag });
    expect(await sizeOf(bucket)).toBe(size);
  });

  test("reports the other writer's object after an error that a retry could solve", async () => {
    const { bucket, first } = await withFirst();
    let isReplaced = false;
    const { client } = await s3.through(async ({ method }) => {
      if (method !== "PUT") {
        return { kind: "pass" };
      }
      if (!isReplaced) {
        isReplaced = true;
        await putPlain(s3.client, bucket, filename, "of the other");
      }
      return { kind: "answer", status: 503 };
    });
    const put = putObjectToS3(bytes, { bucket, filename, client, ifMatch: first.etag });
    await expect(put).rejects.toThrow(ArtefactChangedError);
    await expect(put).rejects.toMatchObject({
      cause: { name: "S3AccessError", message: expect.stringContaining("status 503") as unknown },
    });
  });
});

describe("the form of the condition", () => {
  const precondition = { kind: "answer", status: 412, body: errorXml("PreconditionFailed") } as const;

  test("is without quotes for a server that rejects the right ETag in quotes", async () => {
    const { bucket, first } = await withFirst();
    const forms: unknown[] = [];
    const { client } = await s3.through(({ method, headers }) => {
      if (method !== "PUT") {
        return { kind: "pass" };
      }
      forms.push(headers["if-match"]);
      return headers["if-match"] === first.etag
        ? { kind: "answer", status: 200, headers: { etag: '"0123456789abcdef0123456789abcdef"' } }
        : precondition;
    });
    const { etag } = await putObjectToS3(Buffer.from("x"), { bucket, filename, client, ifMatch: first.etag });
    expect(etag).toBe("0123456789abcdef0123456789abcdef");
    expect(forms).toEqual([`"${first.etag}"`, first.etag]);
  });

  test("does not matter to a server that rejects both, which is an error", async () => {
    const { bucket, first } = await withFirst();
    const { client, requests } = await s3.through(({ method }) =>
      method === "PUT" ? precondition : { kind: "pass" },
    );
    const put = putObjectToS3(Buffer.from("x"), { bucket, filename, client, ifMatch: first.etag });
    await expect(put).rejects.toThrow(S3AccessError);
    await expect(put).rejects.toThrow(
      /: the server rejects If-Match with ETag [0-9a-f]{32}, and shows no other object there: can it replace an object on a condition\?$/,
    );
    expect(requests.filter((request) => request.startsWith("PUT"))).toHaveLength(2);
  });
});

describe("an ifMatch that is no condition", () => {
  test.each<[string, object, string]>([
    ["overwrite beside it", { ifMatch: "e", overwrite: true }, "overwrite and ifMatch are both given"],
    ["a weak ETag", { ifMatch: 'W/"e"' }, `ifMatch is 'W/"e"', expected the ETag of an object`],
    ["an empty ETag", { ifMatch: '""' }, "expected the ETag of an object, which is not weak"],
    ["a number", { ifMatch: 5 }, "ifMatch is 5, expected the ETag of an object"],
  ])("rejects %s, before anything is sent", async (_, given, message) => {
    const put = putObjectToS3(Buffer.from("x"), { bucket: "b-b", filename, client: s3.client, ...given });
    await expect(put).rejects.toThrow(TypeError);
    await expect(put).rejects.toThrow(message);
  });
});
