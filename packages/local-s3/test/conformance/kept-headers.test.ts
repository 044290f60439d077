import { createHash, randomBytes } from "node:crypto";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance, expectFailure } from "../support/conformance.js";

const KMS = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: "key-1" } as const;

/** The parameters of encryption with a key of the customer's. */
function customerKey(seed: string) {
  const key = createHash("sha256").update(seed).digest();
  return {
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: key.toString("base64"),
    SSECustomerKeyMD5: createHash("md5").update(key).digest("base64"),
  };
}

await conformance("encryption, storage class and requester", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket, Key }));

  check("returns the storage class of an object, in its headers and in a listing", async () => {
    const params = { Bucket, Key: "class", Body: "1", StorageClass: "STANDARD_IA" } as const;
    await client.send(new PutObjectCommand(params));
    expect((await head("class")).StorageClass).toBe("STANDARD_IA");
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "class" }));
    expect(Contents?.map(({ StorageClass }) => StorageClass)).toEqual(["STANDARD_IA"]);
  });

  check("rejects a storage class that S3 does not have", async () => {
    const StorageClass = "COLD" as "GLACIER";
    await expectFailure(client.send(new PutObjectCommand({ Bucket, Key: "cold", Body: "1", StorageClass })), {
      name: "InvalidStorageClass",
      status: 400,
    });
    await expectFailure(head("cold"), { status: 404 });
  });

  check("rejects an encryption that S3 does not have", async () => {
    const ServerSideEncryption = "rot13" as "AES256";
    const params = { Bucket, Key: "rot13", ServerSideEncryption };
    await expectFailure(client.send(new PutObjectCommand({ ...params, Body: "1" })), { status: 400 });
    await expectFailure(client.send(new CreateMultipartUploadCommand(params)), { status: 400 });
  });

  check("returns the encryption of an object", async () => {
    const put = await client.send(new PutObjectCommand({ Bucket, Key: "kms", Body: "1", ...KMS }));
    expect([put, await head("kms")]).toMatchObject([KMS, KMS]);
  });

  check("returns that an object is encrypted with the bucket's key", async () => {
    const bucketKey = { ...KMS, BucketKeyEnabled: true };
    await client.send(new PutObjectCommand({ Bucket, Key: "bucket-key", Body: "1", ...bucketKey }));
    expect(await head("bucket-key")).toMatchObject(bucketKey);
  });

  check("returns the encryption of an upload with each part", async () => {
    const upload = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts", ...KMS }));
    expect(upload).toMatchObject(KMS);
    const part = { Bucket, Key: "parts", UploadId: upload.UploadId, PartNumber: 1, Body: "1" };
    expect(await client.send(new UploadPartCommand(part))).toMatchObject(KMS);
  });

  check("gives a copy the encryption of the request", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "source", Body: "1", ...KMS }));
    const copy = { Bucket, CopySource: `${Bucket}/source` };
    await client.send(new CopyObjectCommand({ ...copy, Key: "plain-copy" }));
    expect((await head("plain-copy")).ServerSideEncryption).toBeUndefined();
    await client.send(new CopyObjectCommand({ ...copy, ...KMS, Key: "kms-copy" }));
    expect(await head("kms-copy")).toMatchObject(KMS);
  });

  check("gives a copy the storage class of the request", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "standard", Body: "1" }));
    const copy = {
      Bucket,
      Key: "cold",
      CopySource: `${Bucket}/standard`,
      StorageClass: "GLACIER_IR",
    } as const;
    await client.send(new CopyObjectCommand(copy));
    expect((await head("cold")).StorageClass).toBe("GLACIER_IR");
  });

  check("returns that the requester is charged", async () => {
    const params = { Bucket, Key: "payer", Body: "1", RequestPayer: "requester" } as const;
    expect((await client.send(new PutObjectCommand(params))).RequestCharged).toBe("requester");
  });

  check("returns an object to the customer's key that it was written with, and not without it", async () => {
    const own = customerKey("own");
    const at = { Bucket, Key: "customer" };
    const put = await client.send(new PutObjectCommand({ ...at, Body: "1", ...own }));
    expect(put.SSECustomerKeyMD5).toBe(own.SSECustomerKeyMD5);
    const got = await client.send(new GetObjectCommand({ ...at, ...own }));
    expect(await got.Body?.transformToString()).toBe("1");
    await expectFailure(client.send(new GetObjectCommand(at)), { status: 400 });
  });

  check("rejects another customer's key than the one that an object was written with", async () => {
    const at = { Bucket, Key: "other-key" };
    await client.send(new PutObjectCommand({ ...at, Body: "1", ...customerKey("own") }));
    const other = new GetObjectCommand({ ...at, ...customerKey("other") });
    await expectFailure(client.send(other), { name: "AccessDenied", status: 403 });
  });

  check("rejects a customer's key for an object that was written without", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "1" }));
    const read = new GetObjectCommand({ Bucket, Key: "plain", ...customerKey("own") });
    await expectFailure(client.send(read), { name: "InvalidRequest", status: 400 });
  });

  check("rejects a customer's key of another length", async () => {
    const own = customerKey("own");
    const at = { Bucket, Key: "short", Body: "1" };
    const short = { ...own, SSECustomerKey: randomBytes(16).toString("base64") };
    await expectFailure(client.send(new PutObjectCommand({ ...at, ...short })), { status: 400 });
  });
});
