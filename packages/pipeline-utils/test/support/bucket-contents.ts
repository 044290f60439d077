import { ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

/** The contents of a bucket: its keys, and the number of unfinished uploads. */
export async function bucketContents(
  client: S3Client,
  bucket: string,
): Promise<{ keys: (string | undefined)[]; uploads: number }> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return { keys: Contents.map(({ Key }) => Key), uploads: Uploads.length };
}
