// usage: node put.mjs sdk|pipeline-utils BUCKET FOLDER FILE
import { readFile } from "node:fs/promises";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { putFileToS3 } from "@ml-pipelines/pipeline-utils";

const [writer = "", bucket = "", folder = "", file = ""] = process.argv.slice(2);
if (writer === "sdk") {
  // No checksum beside the ETag, as most programs have written them.
  const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" });
  const key = `${folder}/${path.basename(file)}`;
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(file) }));
} else {
  await putFileToS3(file, { filename: path.basename(file), bucket, folder });
}
