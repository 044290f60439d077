import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as sdk from "@aws-sdk/client-s3";
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startLocalS3 } from "../src/index.js";
import type { LocalS3 } from "../src/index.js";

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

let directory: string;
let server: LocalS3;
let client: S3Client;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "foreign-"));
  server = await startLocalS3({ directory, buckets: [Bucket, "empty-bucket"] });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  await client.send(new PutObjectCommand({ Bucket, Key, Body: "content" }));
});
afterAll(async () => {
  client.destroy();
  await server.stop();
  await rm(directory, { recursive: true });
});

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

test("rejects a header that the operation does not know, and changes nothing", async () => {
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
