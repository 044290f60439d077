import { randomBytes } from "node:crypto";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { chosenServer } from "@ml-pipelines/test-support/test-storage";

/** The server that the conformance suite runs against. */
export interface S3Target {
  readonly endpoint: string;
  /** With the SDK's defaults: CRC32 on every write, trailers on streams. */
  readonly client: S3Client;
  /** Whether it is Ceph's server, recognised by the form of its request identifiers. */
  readonly isRadosgw: boolean;
  readonly newClient: (overrides?: S3ClientConfig) => S3Client;
  /** Create a bucket, which `close` removes with its objects. */
  readonly newBucket: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/**
 * The server of S3_TEST_ENDPOINT, S3_TEST_ACCESS_KEY and S3_TEST_SECRET_KEY (and S3_TEST_REGION, default us-east-1),
 * else a local-s3 of its own on a temporary folder.
 */
export async function openTarget(): Promise<S3Target> {
  const server = await chosenServer();
  const newClient = (overrides: S3ClientConfig = {}): S3Client =>
    new S3Client({
      endpoint: server.endpoint,
      region: server.region,
      forcePathStyle: true,
      credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
      ...overrides,
    });
  const client = newClient();
  const buckets: string[] = [];
  const answer = await fetch(server.endpoint);
  await answer.arrayBuffer();
  return {
    endpoint: server.endpoint,
    client,
    isRadosgw: /^tx[0-9a-f]{21}-/.test(answer.headers.get("x-amz-request-id") ?? ""),
    newClient,
    newBucket: async () => {
      const bucket = `conformance-${randomBytes(5).toString("hex")}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      buckets.push(bucket);
      return bucket;
    },
    close: async () => {
      // A local-s3 of its own is removed with its folder.
      for (const bucket of server.isOwn ? [] : buckets) {
        await removeBucket(client, bucket);
      }
      client.destroy();
      await server.stop();
    },
  };
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) {
      break;
    }
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}
