import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, expect } from "@jest/globals";
import { bodyOf, etagOf, someBytes } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

await conformance("conditions", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const put = (Key: string, Body: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...condition }));
  const get = async (Key: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
    (await bodyOf(await client.send(new GetObjectCommand({ Bucket, Key, ...condition })))).toString();
  const otherEtag = etagOf("another");
  const failed = { name: "PreconditionFailed", status: 412 };

  check("returns an object when If-Match is its ETag", async () => {
    await put("get", "v");
    expect(await get("get", { IfMatch: etagOf("v") })).toBe("v");
  });

  check("rejects a get when If-Match is another ETag", async () => {
    await put("get-other", "v");
    await expectFailure(get("get-other", { IfMatch: otherEtag }), failed);
  });

  check("returns 304 when If-None-Match is the ETag", async () => {
    await put("get-none", "v");
    await expectFailure(get("get-none", { IfNoneMatch: etagOf("v") }), { status: 304 });
    expect(await get("get-none", { IfNoneMatch: otherEtag })).toBe("v");
  });

  check("returns 304 when an object has not changed since", async () => {
    await put("since", "v");
    const get304 = (IfModifiedSince: Date) =>
      client.send(new GetObjectCommand({ Bucket, Key: "since", IfModifiedSince }));
    await expectFailure(get304(new Date(Date.now() + 60_000)), { status: 304 });
    expect((await bodyOf(await get304(new Date(0)))).toString()).toBe("v");
    const IfUnmodifiedSince = new Date(0);
    await expectFailure(
      client.send(new GetObjectCommand({ Bucket, Key: "since", IfUnmodifiedSince })),
      failed,
    );
  });

  check("creates an object with If-None-Match *", async () => {
    await put("create", "one", { IfNoneMatch: "*" });
    expect(await get("create")).toBe("one");
  });

  check("rejects If-None-Match * when the object exists", async () => {
    await put("kept", "one");
    await expectFailure(put("kept", "two", { IfNoneMatch: "*" }), failed);
    expect(await get("kept")).toBe("one");
  });

  check("accepts one of 16 writers with If-None-Match *", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) => put("race", `writer ${i}`, { IfNoneMatch: "*" })),
    );
    const winners = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(await get("race")).toBe(`writer ${winners[0]}`);
  });

  check("accepts one of 16 writers with the same If-Match", async () => {
    const { ETag = "" } = await put("race-match", "before");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) => put("race-match", `writer ${i}`, { IfMatch: ETag })),
    );
    const winners = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(await get("race-match")).toBe(`writer ${winners[0]}`);
  });

  check("replaces an object only when If-Match is its ETag", async () => {
    const { ETag = "" } = await put("match", "v1");
    await expectFailure(put("match", "bad", { IfMatch: otherEtag }), failed);
    await put("match", "v2", { IfMatch: ETag });
    expect(await get("match")).toBe("v2");
  });

  check("accepts an ETag without quotes in If-Match", async () => {
    const { ETag = "" } = await put("unquoted", "v1");
    await put("unquoted", "v2", { IfMatch: ETag.replaceAll('"', "") });
    expect(await get("unquoted")).toBe("v2");
  });

  check("returns NoSuchKey for If-Match when there is no object", async () => {
    await expectFailure(put("none", "x", { IfMatch: otherEtag }), { name: "NoSuchKey", status: 404 });
  });

  check("rejects the completion of an upload with If-None-Match * when the object exists", async () => {
    await put("multipart", "one");
    const params = { Bucket, Key: "multipart", Body: someBytes(6 * 2 ** 20), IfNoneMatch: "*" };
    await expectFailure(new Upload({ client, params, partSize: 5 * 2 ** 20 }).done(), failed);
    expect(await get("multipart")).toBe("one");
  });

  check("creates an object with If-None-Match * when the newest version is a delete marker", async () => {
    const versioned = await newBucket();
    await client.send(
      new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } }),
    );
    const params = { Bucket: versioned, Key: "k", Body: "v" };
    await client.send(new PutObjectCommand(params));
    await expectFailure(client.send(new PutObjectCommand({ ...params, IfNoneMatch: "*" })), failed);
    await client.send(new DeleteObjectCommand({ Bucket: versioned, Key: "k" }));
    await client.send(new PutObjectCommand({ ...params, IfNoneMatch: "*" }));
  });
});
