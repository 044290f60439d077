import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

/** Upload an object in parts of one's own choice, as other programs do. */
export async function putParts(
  client: S3Client,
  bucket: string,
  key: string,
  bodies: readonly Uint8Array[],
  metadata: Record<string, string> = {},
): Promise<void> {
  const where = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...where, Metadata: metadata }));
  const parts = [];
  for (const [i, Body] of bodies.entries()) {
    const { ETag } = await client.send(
      new UploadPartCommand({ ...where, UploadId, PartNumber: i + 1, Body }),
    );
    parts.push({ ETag, PartNumber: i + 1 });
  }
  await client.send(
    new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts: parts } }),
  );
}
