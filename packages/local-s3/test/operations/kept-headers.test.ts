import { createHash, randomBytes } from "node:crypto";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";

const Bucket = "kept-headers";
let storage: TestStorage;
let client: S3Client;
beforeAll(async () => {
  storage = await TestStorage.start([Bucket, "kept-other", "other"]);
  client = storage.client;
});
afterAll(() => storage.stop());

const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket, Key }));
const kms = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: "key-1", BucketKeyEnabled: true } as const;

describe("headers of features that change nothing here", () => {
  test("returns the encryption, the storage class and the number of tags of an object", async () => {
    const params = {
      Bucket,
      Key: "put",
      Body: "1",
      StorageClass: "STANDARD_IA",
      Tagging: "a=1&b=2",
    } as const;
    expect(await client.send(new PutObjectCommand({ ...params, ...kms }))).toMatchObject(kms);
    expect(await head("put")).toMatchObject({ ...kms, StorageClass: "STANDARD_IA" });
    expect((await client.send(new GetObjectCommand({ Bucket, Key: "put" }))).TagCount).toBe(2);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "put" }));
    expect(Contents?.map(({ StorageClass }) => StorageClass)).toEqual(["STANDARD_IA"]);
  });

  test("returns the encryption of an upload with each part", async () => {
    const upload = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts", ...kms }));
    expect(upload).toMatchObject(kms);
    const part = { Bucket, Key: "parts", UploadId: upload.UploadId, PartNumber: 1, Body: "1" };
    expect(await client.send(new UploadPartCommand(part))).toMatchObject(kms);
  });

  test("gives a copy the request's encryption and class, and the source's tags unless they are replaced", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "source", Body: "1", Tagging: "a=1", ...kms }));
    const copy = { Bucket, CopySource: `${Bucket}/source` };
    await client.send(new CopyObjectCommand({ ...copy, Key: "copy", StorageClass: "GLACIER_IR" }));
    const kept = await client.send(new GetObjectCommand({ Bucket, Key: "copy" }));
    expect(kept).toMatchObject({ TagCount: 1, StorageClass: "GLACIER_IR" });
    expect(kept.ServerSideEncryption).toBeUndefined();
    const replaced = { ...copy, Key: "replaced", TaggingDirective: "REPLACE", Tagging: "b=1&c=2" } as const;
    await client.send(new CopyObjectCommand(replaced));
    expect((await client.send(new GetObjectCommand({ Bucket, Key: "replaced" }))).TagCount).toBe(2);
  });

  test("returns that the requester is charged", async () => {
    const params = { Bucket, Key: "payer", Body: "1", RequestPayer: "requester" } as const;
    expect((await client.send(new PutObjectCommand(params))).RequestCharged).toBe("requester");
  });
});

describe("SSE-C keys", () => {
  const customerKey = (seed: string) => {
    const key = createHash("sha256").update(seed).digest();
    return {
      SSECustomerAlgorithm: "AES256",
      SSECustomerKey: key.toString("base64"),
      SSECustomerKeyMD5: createHash("md5").update(key).digest("base64"),
    };
  };
  const own = customerKey("own");

  test("returns an object only when its key is given again", async () => {
    const at = { Bucket, Key: "customer" };
    const put = await client.send(new PutObjectCommand({ ...at, Body: "1", ...own }));
    expect(put.SSECustomerKeyMD5).toBe(own.SSECustomerKeyMD5);
    const got = await client.send(new GetObjectCommand({ ...at, ...own }));
    expect(await got.Body?.transformToString()).toBe("1");
    await expect(client.send(new GetObjectCommand(at))).rejects.toThrow(
      "correct parameters must be provided",
    );
    await expect(client.send(new GetObjectCommand({ ...at, ...customerKey("other") }))).rejects.toThrow(
      "stored with another key",
    );
    await client.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "1" }));
    await expect(client.send(new GetObjectCommand({ Bucket, Key: "plain", ...own }))).rejects.toThrow(
      "not applicable to this object",
    );
  });

  test("rejects a key that is too short or has another MD5", async () => {
    const short = { ...own, SSECustomerKey: randomBytes(16).toString("base64") };
    await expect(
      client.send(new PutObjectCommand({ Bucket, Key: "short", Body: "1", ...short })),
    ).rejects.toThrow("must be given together, and must agree");
  });
});

describe("buckets", () => {
  test("lists them in pages, by prefix", async () => {
    const first = await client.send(new ListBucketsCommand({ MaxBuckets: 1, Prefix: "kept-" }));
    expect(first.Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    expect(first.Prefix).toBe("kept-");
    const second = await client.send(
      new ListBucketsCommand({ MaxBuckets: 1, Prefix: "kept-", ContinuationToken: first.ContinuationToken }),
    );
    expect(second.Buckets?.map(({ Name }) => Name)).toEqual(["kept-other"]);
    expect(second.ContinuationToken).toBeUndefined();
  });

  test("keeps the region of a bucket", async () => {
    const create = (Name: string, LocationConstraint: string) =>
      client.send(
        new CreateBucketCommand({
          Bucket: Name,
          CreateBucketConfiguration: { LocationConstraint: LocationConstraint as "eu-west-1" },
        }),
      );
    await create("somewhere", "eu-west-1");
    const location = await client.send(new GetBucketLocationCommand({ Bucket: "somewhere" }));
    expect(location.LocationConstraint).toBe("eu-west-1");
    expect((await client.send(new HeadBucketCommand({ Bucket: "somewhere" }))).BucketRegion).toBe(
      "eu-west-1",
    );
    const { Buckets } = await client.send(new ListBucketsCommand({ BucketRegion: "eu-west-1" }));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["somewhere"]);
    await expect(create("nowhere", "no region")).rejects.toMatchObject({ name: "InvalidLocationConstraint" });
  });

  test("rejects an expected owner other than its own", async () => {
    const params = { Bucket, Key: "owner", Body: "1", ExpectedBucketOwner: "123456789012" };
    await expect(client.send(new PutObjectCommand(params))).rejects.toMatchObject({ name: "AccessDenied" });
    await client.send(new PutObjectCommand({ ...params, ExpectedBucketOwner: "local" }));
  });
});
