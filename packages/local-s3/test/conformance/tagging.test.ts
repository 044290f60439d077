import type { PutObjectCommandInput, Tag } from "@aws-sdk/client-s3";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance, expectFailure } from "../support/conformance.js";

function manyTags(count: number): Tag[] {
  return Array.from({ length: count }, (_, index) => ({ Key: `key-${index}`, Value: "" }));
}

await conformance("tags", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const put = (Key: string, input: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: "1", ...input }));
  const setTags = (Key: string, TagSet: Tag[]) =>
    client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));
  const tagsOf = async (Key: string): Promise<Record<string, string>> => {
    const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket, Key }));
    return Object.fromEntries(TagSet.map((tag): [string, string] => [tag.Key ?? "", tag.Value ?? ""]));
  };

  check("returns the tags that an object was put with, and their number", async () => {
    await put("put", { Tagging: "team=data%20science&empty=&path=a/b%3Dc" });
    expect(await tagsOf("put")).toEqual({ team: "data science", empty: "", path: "a/b=c" });
    expect((await client.send(new GetObjectCommand({ Bucket, Key: "put" }))).TagCount).toBe(3);
  });

  check("returns the number of tags to a HEAD", async () => {
    await put("head", { Tagging: "a=1&b=2" });
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: "head" }))).TagCount).toBe(2);
  });

  check("replaces all tags of an object, and keeps its ETag", async () => {
    const { ETag } = await put("replaced", { Tagging: "old=1" });
    await setTags("replaced", [
      { Key: "new", Value: "2" },
      { Key: "größe", Value: "a+b = c" },
    ]);
    expect(await tagsOf("replaced")).toEqual({ new: "2", größe: "a+b = c" });
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: "replaced" }))).ETag).toBe(ETag);
  });

  check("deletes the tags of an object", async () => {
    await put("deleted", { Tagging: "a=1" });
    const answer = await client.send(new DeleteObjectTaggingCommand({ Bucket, Key: "deleted" }));
    expect(answer.$metadata.httpStatusCode).toBe(204);
    expect(await tagsOf("deleted")).toEqual({});
    expect((await client.send(new GetObjectCommand({ Bucket, Key: "deleted" }))).TagCount).toBeUndefined();
  });

  check("returns no tags of a replaced object", async () => {
    await put("overwritten", { Tagging: "a=1" });
    await put("overwritten");
    expect(await tagsOf("overwritten")).toEqual({});
  });

  check("gives a copy the tags of its source", async () => {
    await put("source", { Tagging: "a=1" });
    await client.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/source` }));
    expect(await tagsOf("copy")).toEqual({ a: "1" });
  });

  check("gives a copy the tags of the request when they replace the source's", async () => {
    await put("other-source", { Tagging: "a=1" });
    const copy = { Bucket, Key: "other-copy", CopySource: `${Bucket}/other-source` };
    await client.send(new CopyObjectCommand({ ...copy, TaggingDirective: "REPLACE", Tagging: "b=2" }));
    expect(await tagsOf("other-copy")).toEqual({ b: "2" });
  });

  check("gives a multipart object the tags of its upload", async () => {
    const at = { Bucket, Key: "multipart" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, Tagging: "a=1" }));
    const { ETag } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "1" }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
    expect(await tagsOf("multipart")).toEqual({ a: "1" });
  });

  check("keeps the tags of each version", async () => {
    const versioned = await newBucket();
    const at = { Bucket: versioned, Key: "k" };
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
    const first = await client.send(new PutObjectCommand({ ...at, Body: "1", Tagging: "v=1" }));
    const second = await client.send(new PutObjectCommand({ ...at, Body: "2", Tagging: "v=2" }));
    const Tagging = { TagSet: [{ Key: "v", Value: "one" }] };
    const { VersionId } = first;
    await client.send(new PutObjectTaggingCommand({ ...at, VersionId, Tagging }));
    const old = await client.send(new GetObjectTaggingCommand({ ...at, VersionId }));
    const current = await client.send(new GetObjectTaggingCommand(at));
    expect([old.TagSet, current.TagSet]).toEqual([[{ Key: "v", Value: "one" }], [{ Key: "v", Value: "2" }]]);
    const { Body } = await client.send(new GetObjectCommand(at));
    expect(await Body?.transformToString()).toBe("2");
    await client.send(new DeleteObjectCommand({ ...at, VersionId: second.VersionId }));
    expect((await client.send(new GetObjectTaggingCommand(at))).TagSet).toEqual(Tagging.TagSet);
  });

  check("returns the version whose tags were read and written", async () => {
    const versioned = await newBucket();
    const at = { Bucket: versioned, Key: "k" };
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
    const { VersionId } = await client.send(new PutObjectCommand({ ...at, Body: "1" }));
    const Tagging = { TagSet: [{ Key: "a", Value: "1" }] };
    const answers = [
      await client.send(new PutObjectTaggingCommand({ ...at, Tagging })),
      await client.send(new GetObjectTaggingCommand(at)),
      await client.send(new DeleteObjectTaggingCommand(at)),
    ];
    expect(answers.map((answer) => answer.VersionId)).toEqual([VersionId, VersionId, VersionId]);
  });

  check("rejects tags of a missing object", async () => {
    const missing = { name: "NoSuchKey", status: 404 };
    await expectFailure(setTags("missing", manyTags(1)), missing);
    await expectFailure(tagsOf("missing"), missing);
    await expectFailure(client.send(new DeleteObjectTaggingCommand({ Bucket, Key: "missing" })), missing);
  });

  check("rejects more than 10 tags of an object", async () => {
    await put("ten");
    await setTags("ten", manyTags(10));
    await expectFailure(setTags("ten", manyTags(11)), { name: "BadRequest", status: 400 });
    expect(Object.keys(await tagsOf("ten"))).toHaveLength(10);
  });

  check("accepts a key of 128 and a value of 256 characters, and rejects longer ones", async () => {
    await put("long");
    await setTags("long", [{ Key: "k".repeat(128), Value: "v".repeat(256) }]);
    const invalid = { name: "InvalidTag", status: 400 };
    await expectFailure(setTags("long", [{ Key: "k".repeat(129), Value: "" }]), invalid);
    await expectFailure(setTags("long", [{ Key: "k", Value: "v".repeat(257) }]), invalid);
    expect(await tagsOf("long")).toEqual({ ["k".repeat(128)]: "v".repeat(256) });
  });

  check("rejects tags with characters that S3 does not allow", async () => {
    await put("characters");
    for (const tag of [
      { Key: "a;b", Value: "" },
      { Key: "a", Value: "<b>" },
      { Key: "", Value: "b" },
    ]) {
      await expectFailure(setTags("characters", [tag]), { name: "InvalidTag", status: 400 });
    }
  });

  check("rejects a tag key that starts with aws:", async () => {
    await put("system");
    await expectFailure(setTags("system", [{ Key: "aws:a", Value: "" }]), {
      name: "InvalidTag",
      status: 400,
    });
  });

  check("rejects a tag key that is given twice", async () => {
    await put("twice");
    const tags = [
      { Key: "a", Value: "1" },
      { Key: "a", Value: "2" },
    ];
    await expectFailure(setTags("twice", tags), { name: "InvalidTag", status: 400 });
  });

  check("rejects an invalid tagging header, and stores nothing", async () => {
    const invalid = { name: "InvalidArgument", status: 400 };
    await expectFailure(put("invalid", { Tagging: "a=1&a=2" }), invalid);
    await expectFailure(put("invalid", { Tagging: "=1" }), invalid);
    await expectFailure(put("invalid", { Tagging: "a=%3B" }), { name: "InvalidTag", status: 400 });
    await expectFailure(client.send(new HeadObjectCommand({ Bucket, Key: "invalid" })), { status: 404 });
  });

  check("returns the tags of a bucket until they are deleted", async () => {
    const tagged = { Bucket: await newBucket() };
    const none = { name: "NoSuchTagSet", status: 404 };
    await expectFailure(client.send(new GetBucketTaggingCommand(tagged)), none);
    const Tagging = { TagSet: [{ Key: "cost centre", Value: "42" }] };
    await client.send(new PutBucketTaggingCommand({ ...tagged, Tagging }));
    expect((await client.send(new GetBucketTaggingCommand(tagged))).TagSet).toEqual(Tagging.TagSet);
    await client.send(new DeleteBucketTaggingCommand(tagged));
    await expectFailure(client.send(new GetBucketTaggingCommand(tagged)), none);
  });

  check("rejects more than 50 tags of a bucket", async () => {
    const tagged = { Bucket: await newBucket() };
    const send = (count: number) =>
      client.send(new PutBucketTaggingCommand({ ...tagged, Tagging: { TagSet: manyTags(count) } }));
    await send(50);
    await expectFailure(send(51), { name: "BadRequest", status: 400 });
    expect((await client.send(new GetBucketTaggingCommand(tagged))).TagSet).toHaveLength(50);
  });
});
