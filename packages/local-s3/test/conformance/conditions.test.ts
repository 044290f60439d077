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

  check("a get with the right If-Match answers", async () => {
    await put("get", "v");
    expect(await get("get", { IfMatch: etagOf("v") })).toBe("v");
  });

  check("a get with another If-Match fails", async () => {
    await put("get-other", "v");
    await expectFailure(get("get-other", { IfMatch: otherEtag }), failed);
  });

  check("a get with the right If-None-Match is 304", async () => {
    await put("get-none", "v");
    await expectFailure(get("get-none", { IfNoneMatch: etagOf("v") }), { status: 304 });
    expect(await get("get-none", { IfNoneMatch: otherEtag })).toBe("v");
  });

  check("a get of what has not changed since is 304", async () => {
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

  check("If-None-Match * creates", async () => {
    await put("create", "one", { IfNoneMatch: "*" });
    expect(await get("create")).toBe("one");
  });

  check("If-None-Match * never replaces", async () => {
    await put("kept", "one");
    await expectFailure(put("kept", "two", { IfNoneMatch: "*" }), failed);
    expect(await get("kept")).toBe("one");
  });

  check("of 16 writers with If-None-Match * one wins", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) => put("race", `writer ${i}`, { IfNoneMatch: "*" })),
    );
    const winners = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(await get("race")).toBe(`writer ${winners[0]}`);
  });

  check("of 16 writers with the same If-Match one wins", async () => {
    const { ETag = "" } = await put("race-match", "before");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) => put("race-match", `writer ${i}`, { IfMatch: ETag })),
    );
    const winners = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(await get("race-match")).toBe(`writer ${winners[0]}`);
  });

  check("If-Match replaces the object it names only", async () => {
    const { ETag = "" } = await put("match", "v1");
    await expectFailure(put("match", "bad", { IfMatch: otherEtag }), failed);
    await put("match", "v2", { IfMatch: ETag });
    expect(await get("match")).toBe("v2");
  });

  check("If-Match takes an ETag without quotes", async () => {
    const { ETag = "" } = await put("unquoted", "v1");
    await put("unquoted", "v2", { IfMatch: ETag.replaceAll('"', "") });
    expect(await get("unquoted")).toBe("v2");
  });

  check("If-Match where there is no object is NoSuchKey", async () => {
    await expectFailure(put("none", "x", { IfMatch: otherEtag }), { name: "NoSuchKey", status: 404 });
  });

  check("completing a multipart upload with If-None-Match * never replaces", async () => {
    await put("multipart", "one");
    const params = { Bucket, Key: "multipart", Body: someBytes(6 * 2 ** 20), IfNoneMatch: "*" };
    await expectFailure(new Upload({ client, params, partSize: 5 * 2 ** 20 }).done(), failed);
    expect(await get("multipart")).toBe("one");
  });

  check("If-None-Match * creates where a delete marker is on top", async () => {
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
