import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance, expectFailure } from "../support/conformance.js";

await conformance("buckets and errors", ({ client, endpoint, newBucket, newClient }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
  });

  check("lists a bucket that was created", async () => {
    await client.send(new HeadBucketCommand({ Bucket }));
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
  });

  check("keeps the objects of a bucket that is created twice", async () => {
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  });

  check("rejects the deletion of a bucket that is not empty", async () => {
    await expectFailure(client.send(new DeleteBucketCommand({ Bucket })), {
      name: "BucketNotEmpty",
      status: 409,
    });
    const empty = `${Bucket}-empty`;
    await client.send(new CreateBucketCommand({ Bucket: empty }));
    await client.send(new DeleteBucketCommand({ Bucket: empty }));
    await expectFailure(client.send(new HeadBucketCommand({ Bucket: empty })), { status: 404 });
  });

  check("rejects an invalid bucket name", async () => {
    await expectFailure(client.send(new CreateBucketCommand({ Bucket: "Not_A_Bucket" })), {
      name: "InvalidBucketName",
      status: 400,
    });
  });

  check("lists buckets by prefix, in pages", async () => {
    const Prefix = `${Bucket}-page`;
    for (const name of ["b", "a", "c"]) {
      await client.send(new CreateBucketCommand({ Bucket: `${Prefix}-${name}` }));
    }
    const first = await client.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix }));
    expect(first.Buckets?.map(({ Name }) => Name)).toEqual([`${Prefix}-a`, `${Prefix}-b`]);
    expect(first.Prefix).toBe(Prefix);
    const { ContinuationToken } = first;
    const second = await client.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix, ContinuationToken }));
    expect(second.Buckets?.map(({ Name }) => Name)).toEqual([`${Prefix}-c`]);
    expect(second.ContinuationToken).toBeUndefined();
  });

  check("returns no location of a bucket in us-east-1", async () => {
    const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBeUndefined();
  });

  check("keeps the region and the tags that a bucket was created with", async () => {
    const created = { Bucket: `${Bucket}-somewhere` };
    const CreateBucketConfiguration = {
      LocationConstraint: "eu-west-1",
      Tags: [{ Key: "a", Value: "1" }],
    } as const;
    await client.send(
      new CreateBucketCommand({
        ...created,
        CreateBucketConfiguration: {
          ...CreateBucketConfiguration,
          Tags: [...CreateBucketConfiguration.Tags],
        },
      }),
    );
    const location = await client.send(new GetBucketLocationCommand(created));
    expect(location.LocationConstraint).toBe("eu-west-1");
    expect((await client.send(new HeadBucketCommand(created))).BucketRegion).toBe("eu-west-1");
    const { Buckets } = await client.send(new ListBucketsCommand({ BucketRegion: "eu-west-1" }));
    expect(Buckets?.map(({ Name }) => Name)).toContain(created.Bucket);
    const { TagSet } = await client.send(new GetBucketTaggingCommand(created));
    expect(TagSet).toEqual([{ Key: "a", Value: "1" }]);
  });

  check("rejects a location constraint that names no region", async () => {
    const create = new CreateBucketCommand({
      Bucket: `${Bucket}-nowhere`,
      CreateBucketConfiguration: { LocationConstraint: "no region" as "eu-west-1" },
    });
    await expectFailure(client.send(create), { name: "InvalidLocationConstraint", status: 400 });
  });

  check("rejects a page of no buckets", async () => {
    const none = client.send(new ListBucketsCommand({ MaxBuckets: 0 }));
    await expectFailure(none, { name: "InvalidArgument", status: 400 });
  });

  check("rejects an expected owner other than the bucket's", async () => {
    const { Owner } = await client.send(new ListBucketsCommand());
    const params = { Bucket, Key: "owner", Body: "1" };
    const foreign = new PutObjectCommand({ ...params, ExpectedBucketOwner: "123456789012" });
    await expectFailure(client.send(foreign), { name: "AccessDenied", status: 403 });
    await expectFailure(client.send(new HeadObjectCommand({ Bucket, Key: "owner" })), { status: 404 });
    await client.send(new PutObjectCommand({ ...params, ExpectedBucketOwner: Owner?.ID }));
  });

  check("returns NoSuchBucket to every request for a missing bucket", async () => {
    const missing = { Bucket: `${Bucket}-missing`, Key: "k" };
    const expected = { name: "NoSuchBucket", status: 404 };
    await expectFailure(client.send(new GetObjectCommand(missing)), expected);
    await expectFailure(client.send(new PutObjectCommand({ ...missing, Body: "1" })), expected);
    await expectFailure(client.send(new ListObjectsV2Command(missing)), expected);
    await expectFailure(client.send(new HeadBucketCommand(missing)), { status: 404 });
  });

  check("returns SignatureDoesNotMatch for a wrong secret, to a read and to a write", async () => {
    const { accessKeyId } = await client.config.credentials();
    const wrong = newClient({ credentials: { accessKeyId, secretAccessKey: "wrong-secret" } });
    const expected = { name: "SignatureDoesNotMatch", status: 403 };
    await expectFailure(wrong.send(new ListObjectsV2Command({ Bucket })), expected);
    await expectFailure(wrong.send(new PutObjectCommand({ Bucket, Key: "k", Body: "other" })), expected);
    const { ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
    expect(ContentLength).toBe(1);
  });

  check("returns InvalidAccessKeyId for an unknown access key", async () => {
    const unknown = newClient({
      credentials: { accessKeyId: "NOSUCHKEYID", secretAccessKey: "x".repeat(20) },
    });
    await expectFailure(unknown.send(new ListObjectsV2Command({ Bucket })), {
      name: "InvalidAccessKeyId",
      status: 403,
    });
  });

  check("rejects an unsigned request", async () => {
    const answer = await fetch(`${endpoint}/${Bucket}/k`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });

  check("rejects a clock that is wrong by an hour", async () => {
    // The SDK would correct its clock after the error and retry.
    const late = newClient({ systemClockOffset: -3_600_000, maxAttempts: 1 });
    await expectFailure(late.send(new ListObjectsV2Command({ Bucket })), {
      name: "RequestTimeTooSkewed",
      status: 403,
    });
  });
});
