import * as sdk from "@aws-sdk/client-s3";
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance, expectFailure } from "../support/conformance.js";

/** The operations that are tested by their own checks. */
const IMPLEMENTED = [
  "AbortMultipartUpload",
  "CompleteMultipartUpload",
  "CopyObject",
  "CreateBucket",
  "CreateMultipartUpload",
  "DeleteBucket",
  "DeleteBucketTagging",
  "DeleteObject",
  "DeleteObjects",
  "DeleteObjectTagging",
  "GetBucketLocation",
  "GetBucketTagging",
  "GetBucketVersioning",
  "GetObject",
  "GetObjectAttributes",
  "GetObjectTagging",
  "HeadBucket",
  "HeadObject",
  "ListBuckets",
  "ListMultipartUploads",
  "ListObjectVersions",
  "ListObjects",
  "ListObjectsV2",
  "ListParts",
  "PutBucketTagging",
  "PutBucketVersioning",
  "PutObject",
  "PutObjectTagging",
  "UploadPart",
  "UploadPartCopy",
];
/** Sent to another host than the endpoint's. */
const NOT_SENT = ["WriteGetObjectResponse"];

const Key = "kept";

interface ForeignInput {
  readonly Bucket: string;
  readonly Key: string;
}
type Command = new (input: ForeignInput) => PutObjectCommand;

const foreign = Object.entries(sdk).flatMap(([name, value]): [string, Command][] => {
  const operation = /^([A-Z]\w+)Command$/.exec(name)?.[1];
  if (operation === undefined || [...IMPLEMENTED, ...NOT_SENT].includes(operation)) {
    return [];
  }
  return [[operation, value as unknown as Command]];
});

await conformance("operations that a server may lack", ({ client, newBucket }, check) => {
  let Bucket = "";
  let emptyBucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    emptyBucket = await newBucket();
    await client.send(new PutObjectCommand({ Bucket, Key, Body: "content" }));
  });

  /** Serves every command: each reads only the members that it knows. */
  const input = () => ({
    ...{ Bucket, Key, Id: "id", UploadId: "upload", PartNumber: 1, VersionId: "null" },
    ...{ AnnotationName: "name", AnnotationPayload: "note", Body: "replaced" },
    ...{ CopySource: `${Bucket}/${Key}`, RenameSource: `${Bucket}/${Key}` },
  });

  /** Expect that the bucket has its one object with its content, and that the other bucket is there. */
  async function expectNoChange(): Promise<void> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe("content");
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(1);
    await client.send(new HeadBucketCommand({ Bucket: emptyBucket }));
  }

  check(
    "rejects every other operation of the SDK, and changes nothing",
    async () => {
      expect(foreign.length).toBeGreaterThan(75);
      expect(IMPLEMENTED.filter((operation) => !Object.hasOwn(sdk, `${operation}Command`))).toEqual([]);
      const accepted: string[] = [];
      for (const [operation, Foreign] of foreign) {
        for (const bucket of [Bucket, emptyBucket]) {
          const outcome = await client.send(new Foreign({ ...input(), Bucket: bucket })).then(
            () => "accepted",
            (error: unknown) => (error instanceof Error ? error.name : "unknown"),
          );
          if (outcome !== "NotImplemented") {
            accepted.push(`${operation}: ${outcome}`);
          }
        }
        await expectNoChange();
      }
      expect(accepted).toEqual([]);
    },
    30_000,
  );

  check("rejects a header that the operation does not know, and changes nothing", async () => {
    const notImplemented = { name: "NotImplemented", status: 501 };
    const lock = new PutObjectCommand({ Bucket, Key, Body: "replaced", ObjectLockLegalHoldStatus: "ON" });
    const rejected = await expectFailure(client.send(lock), notImplemented);
    expect(rejected.message).toContain("x-amz-object-lock-legal-hold");
    const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/${Key}`, WebsiteRedirectLocation: "/" };
    await expectFailure(client.send(new CopyObjectCommand(copy)), notImplemented);
    await expectNoChange();
  });

  check("rejects user metadata in a request that writes no object", async () => {
    const read = new GetObjectCommand({ Bucket, Key });
    read.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers["x-amz-meta-note"] = "1";
        return next(args);
      },
      { step: "build" },
    );
    await expectFailure(client.send(read), { name: "NotImplemented", status: 501 });
  });
});
