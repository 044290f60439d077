import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance, expectFailure } from "../support/conformance.js";

await conformance("buckets and refusals", ({ client, endpoint, newBucket, newClient }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
  });

  check("a bucket that was created is there and listed", async () => {
    await client.send(new HeadBucketCommand({ Bucket }));
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
  });

  check("creating one's own bucket again keeps what it holds", async () => {
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  });

  check("a bucket is deleted only if it is empty", async () => {
    await expectFailure(client.send(new DeleteBucketCommand({ Bucket })), {
      name: "BucketNotEmpty",
      status: 409,
    });
    const empty = `${Bucket}-empty`;
    await client.send(new CreateBucketCommand({ Bucket: empty }));
    await client.send(new DeleteBucketCommand({ Bucket: empty }));
    await expectFailure(client.send(new HeadBucketCommand({ Bucket: empty })), { status: 404 });
  });

  check("a bucket's name must be one", async () => {
    await expectFailure(client.send(new CreateBucketCommand({ Bucket: "Not_A_Bucket" })), {
      name: "InvalidBucketName",
      status: 400,
    });
  });

  check("in a bucket that is not there, everything is NoSuchBucket", async () => {
    const missing = { Bucket: `${Bucket}-missing`, Key: "k" };
    const expected = { name: "NoSuchBucket", status: 404 };
    await expectFailure(client.send(new GetObjectCommand(missing)), expected);
    await expectFailure(client.send(new PutObjectCommand({ ...missing, Body: "1" })), expected);
    await expectFailure(client.send(new ListObjectsV2Command(missing)), expected);
    await expectFailure(client.send(new HeadBucketCommand(missing)), { status: 404 });
  });

  check("a wrong secret is SignatureDoesNotMatch, for a read and for a write", async () => {
    const { accessKeyId } = await client.config.credentials();
    const wrong = newClient({ credentials: { accessKeyId, secretAccessKey: "wrong-secret" } });
    const expected = { name: "SignatureDoesNotMatch", status: 403 };
    await expectFailure(wrong.send(new ListObjectsV2Command({ Bucket })), expected);
    await expectFailure(wrong.send(new PutObjectCommand({ Bucket, Key: "k", Body: "other" })), expected);
    const { ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
    expect(ContentLength).toBe(1);
  });

  check("an unknown key is InvalidAccessKeyId", async () => {
    const unknown = newClient({
      credentials: { accessKeyId: "NOSUCHKEYID", secretAccessKey: "x".repeat(20) },
    });
    await expectFailure(unknown.send(new ListObjectsV2Command({ Bucket })), {
      name: "InvalidAccessKeyId",
      status: 403,
    });
  });

  check("who does not sign is refused", async () => {
    const answer = await fetch(`${endpoint}/${Bucket}/k`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });

  check("a clock that is an hour off is refused", async () => {
    // The SDK would set its clock by the refusal and try again.
    const late = newClient({ systemClockOffset: -3_600_000, maxAttempts: 1 });
    await expectFailure(late.send(new ListObjectsV2Command({ Bucket })), {
      name: "RequestTimeTooSkewed",
      status: 403,
    });
  });
});
