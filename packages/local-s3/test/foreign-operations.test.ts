import * as sdk from "@aws-sdk/client-s3";
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";

const IMPLEMENTED = [
  "AbortMultipartUpload",
  "CompleteMultipartUpload",
  "CopyObject",
  "CreateBucket",
  "CreateMultipartUpload",
  "DeleteBucket",
  "DeleteObject",
  "DeleteObjects",
  "GetBucketLocation",
  "GetBucketVersioning",
  "GetObject",
  "HeadBucket",
  "HeadObject",
  "ListBuckets",
  "ListMultipartUploads",
  "ListObjectVersions",
  "ListObjects",
  "ListObjectsV2",
  "ListParts",
  "PutBucketVersioning",
  "PutObject",
  "UploadPart",
  "UploadPartCopy",
];
/** Sent to another host than the endpoint's. */
const NOT_SENT = ["WriteGetObjectResponse"];

const Bucket = "kept-bucket";
const Key = "kept";
/** Serves every command: each reads only the members that it knows. */
const INPUT = {
  ...{
    Bucket,
    Key,
    Id: "id",
    UploadId: "upload",
    PartNumber: 1,
    VersionId: "null",
    CopySource: `${Bucket}/${Key}`,
  },
  ...{
    AnnotationName: "name",
    AnnotationPayload: "note",
    RenameSource: `${Bucket}/${Key}`,
    Body: "replaced",
  },
};

type Command = new (input: typeof INPUT) => PutObjectCommand;

const foreign = Object.entries(sdk).flatMap(([name, value]): [string, Command][] => {
  const operation = /^([A-Z]\w+)Command$/.exec(name)?.[1];
  if (operation === undefined || [...IMPLEMENTED, ...NOT_SENT].includes(operation)) {
    return [];
  }
  return [[operation, value as unknown as Command]];
});

let storage: TestStorage;
let client: S3Client;
beforeAll(async () => {
  storage = await TestStorage.start([Bucket, "empty-bucket"]);
  client = storage.client;
  await client.send(new PutObjectCommand({ Bucket, Key, Body: "content" }));
});
afterAll(() => storage.stop());

test("knows all commands of the SDK", () => {
  expect(foreign.length).toBeGreaterThan(80);
  expect(IMPLEMENTED.filter((operation) => !Object.hasOwn(sdk, `${operation}Command`))).toEqual([]);
});

test.each(foreign)("rejects %s and changes nothing", async (_operation, Foreign) => {
  await expect(client.send(new Foreign(INPUT))).rejects.toMatchObject({
    name: "NotImplemented",
    $metadata: { httpStatusCode: 501 },
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  expect(await Body?.transformToString()).toBe("content");
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions).toHaveLength(1);
  const { Buckets } = await client.send(new ListBucketsCommand());
  expect(Buckets?.map(({ Name }) => Name)).toEqual(["empty-bucket", Bucket]);
});

test("rejects a header that the operation does not know and changes nothing", async () => {
  const lock = new PutObjectCommand({ Bucket, Key, Body: "replaced", ObjectLockLegalHoldStatus: "ON" });
  await expect(client.send(lock)).rejects.toThrow(
    "not implemented by this server: x-amz-object-lock-legal-hold",
  );
  const copy = new CopyObjectCommand({
    Bucket,
    Key: "copy",
    CopySource: `${Bucket}/${Key}`,
    WebsiteRedirectLocation: "/",
  });
  await expect(client.send(copy)).rejects.toThrow("x-amz-website-redirect-location");
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  expect(await Body?.transformToString()).toBe("content");
});
