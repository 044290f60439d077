import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { bodyOf, etagOf, someBytes } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

await conformance("objects", ({ client, newBucket }, check) => {
  const data = someBytes(300_001);
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    await client.send(
      new PutObjectCommand({ Bucket, Key: "data", Body: data, ContentType: "application/x-test" }),
    );
  });
  const get = async (Key: string): Promise<Buffer> =>
    bodyOf(await client.send(new GetObjectCommand({ Bucket, Key })));
  const put = (Key: string, Body: string | Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }));

  check("returns the MD5 as ETag of a put", async () => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: "bytes", Body: data }));
    expect(ETag).toBe(etagOf(data));
  });

  check("returns bytes, ETag, type and length", async () => {
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "data" }));
    expect(answer).toMatchObject({
      ETag: etagOf(data),
      ContentType: "application/x-test",
      ContentLength: data.length,
    });
    expect((await bodyOf(answer)).equals(data)).toBe(true);
  });

  check("returns ETag, length and time to a head", async () => {
    const answer = await client.send(new HeadObjectCommand({ Bucket, Key: "data" }));
    expect(answer).toMatchObject({ ETag: etagOf(data), ContentLength: data.length });
    expect(Math.abs(Date.now() - (answer.LastModified?.getTime() ?? 0))).toBeLessThan(3_600_000);
  });

  check("returns text as UTF-8", async () => {
    await put("text", "héllo");
    expect((await get("text")).toString()).toBe("héllo");
  });

  check("stores an empty object", async () => {
    await put("empty", new Uint8Array());
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "empty" }));
    expect(answer).toMatchObject({ ETag: etagOf(""), ContentLength: 0 });
    expect(await bodyOf(answer)).toHaveLength(0);
  });

  check("stores a file's stream without its framing", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "local-s3-stream-"));
    const file = path.join(folder, "data");
    await writeFile(file, data);
    const { ETag } = await client.send(
      new PutObjectCommand({ Bucket, Key: "file", Body: createReadStream(file) }),
    );
    await rm(folder, { recursive: true });
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "file" }));
    expect((await bodyOf(answer)).equals(data)).toBe(true);
    expect(ETag).toBe(etagOf(data));
    expect(answer.ContentEncoding ?? "").not.toContain("aws-chunked");
  });

  check("stores a generated stream of known length completely", async () => {
    const pieces = Array.from({ length: 43 }, (_, i) => data.subarray(i * 7001, (i + 1) * 7001));
    const Body = Readable.from(pieces);
    await client.send(new PutObjectCommand({ Bucket, Key: "generated", Body, ContentLength: data.length }));
    expect((await get("generated")).equals(data)).toBe(true);
  });

  check("returns NoSuchKey for a missing object, and NotFound to a head", async () => {
    const error = await expectFailure(get("missing/key"), { name: "NoSuchKey", status: 404 });
    expect(error).toBeInstanceOf(NoSuchKey);
    await expectFailure(client.send(new HeadObjectCommand({ Bucket, Key: "missing" })), {
      name: "NotFound",
      status: 404,
    });
  });

  const ranges: readonly (readonly [range: string, start: number, end: number])[] = [
    ["bytes=100-199", 100, 200],
    ["bytes=0-0", 0, 1],
    ["bytes=300000-999999", 300_000, 300_001],
    ["bytes=250000-", 250_000, 300_001],
    ["bytes=-1", 300_000, 300_001],
    ["bytes=-999999", 0, 300_001],
  ];
  for (const [Range, start, end] of ranges) {
    check(`returns 206 and the bytes of the range ${Range}`, async () => {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key: "data", Range }));
      expect(answer.$metadata.httpStatusCode).toBe(206);
      expect(answer.ContentRange).toBe(`bytes ${start}-${end - 1}/300001`);
      expect((await bodyOf(answer)).equals(data.subarray(start, end))).toBe(true);
    });
  }

  check("rejects a range beyond the end", async () => {
    await expectFailure(client.send(new GetObjectCommand({ Bucket, Key: "data", Range: "bytes=300001-" })), {
      name: "InvalidRange",
      status: 416,
    });
  });

  check("returns the response headers that the request asks for", async () => {
    const answer = await client.send(
      new GetObjectCommand({ Bucket, Key: "data", ResponseContentType: "text/csv" }),
    );
    expect(answer.ContentType).toBe("text/csv");
    await bodyOf(answer);
  });

  check("deletes an object, and accepts the deletion of a missing one", async () => {
    await put("deleted", "x");
    await client.send(new DeleteObjectCommand({ Bucket, Key: "deleted" }));
    await expectFailure(get("deleted"), { name: "NoSuchKey", status: 404 });
    await client.send(new DeleteObjectCommand({ Bucket, Key: "never" }));
  });

  check("deletes several objects by one request", async () => {
    const keys = ["x", "y:z|w", "ü", "<a>&amp;'\"", " space "].map((name) => `many/${name}`);
    for (const key of keys) {
      await put(key, "x");
    }
    const answer = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [...keys, "many/none"].map((Key) => ({ Key })) },
      }),
    );
    expect(answer.Errors).toBeUndefined();
    expect(answer.Deleted?.map(({ Key }) => Key).sort()).toEqual([...keys, "many/none"].sort());
    const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "many/" }));
    expect(KeyCount).toBe(0);
  });

  check("reports nothing for a quiet deletion", async () => {
    await put("quiet", "x");
    const answer = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "quiet" }] } }),
    );
    expect([answer.Deleted, answer.Errors]).toEqual([undefined, undefined]);
    await expectFailure(get("quiet"), { name: "NoSuchKey", status: 404 });
  });

  check("copies the bytes and attributes of the source", async () => {
    const { CopyObjectResult } = await client.send(
      new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/data` }),
    );
    expect(CopyObjectResult?.ETag).toBe(etagOf(data));
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "copy" }));
    expect(answer.ContentType).toBe("application/x-test");
    expect((await bodyOf(answer)).equals(data)).toBe(true);
  });

  check("keeps a copy when its source is deleted", async () => {
    await put("source ü", "kept");
    const CopySource = `${Bucket}/${encodeURIComponent("source ü")}`;
    await client.send(new CopyObjectCommand({ Bucket, Key: "outlives", CopySource }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "source ü" }));
    expect((await get("outlives")).toString()).toBe("kept");
  });

  check("replaces attributes by a copy with REPLACE, also onto itself", async () => {
    await client.send(
      new PutObjectCommand({ Bucket, Key: "replaced", Body: "x", Metadata: { before: "1" } }),
    );
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: "replaced",
        CopySource: `${Bucket}/replaced`,
        MetadataDirective: "REPLACE",
        Metadata: { after: "2" },
      }),
    );
    const { Metadata } = await client.send(new HeadObjectCommand({ Bucket, Key: "replaced" }));
    expect(Metadata).toEqual({ after: "2" });
  });

  check("rejects a copy onto itself that changes nothing", async () => {
    await expectFailure(
      client.send(new CopyObjectCommand({ Bucket, Key: "data", CopySource: `${Bucket}/data` })),
      { name: "InvalidRequest", status: 400 },
    );
  });

  check("returns NoSuchKey for the copy of a missing object", async () => {
    await expectFailure(
      client.send(new CopyObjectCommand({ Bucket, Key: "copy-of-none", CopySource: `${Bucket}/none` })),
      { name: "NoSuchKey", status: 404 },
    );
  });

  check("rejects a copy when the source has another ETag", async () => {
    await expectFailure(
      client.send(
        new CopyObjectCommand({
          Bucket,
          Key: "conditional-copy",
          CopySource: `${Bucket}/data`,
          CopySourceIfMatch: etagOf("another"),
        }),
      ),
      { name: "PreconditionFailed", status: 412 },
    );
  });
});
