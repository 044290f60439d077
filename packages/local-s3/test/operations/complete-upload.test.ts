import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";

const Bucket = "uploads";
const PART_BYTES = 5 * 2 ** 20;
let storage: TestStorage;
let client: S3Client;
beforeAll(async () => {
  storage = await TestStorage.start([Bucket]);
  client = storage.client;
});
afterAll(() => storage.stop());

/** Upload two parts with SHA-256; the input of the completion, and the checksum of the parts' checksums. */
async function upload(Key: string) {
  const at = { Bucket, Key, ChecksumAlgorithm: "SHA256" } as const;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const bodies = [Buffer.alloc(PART_BYTES, "a"), Buffer.from("b")];
  const Parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const part = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 });
  }
  const sums = bodies.map((body) => createHash("sha256").update(body).digest());
  const composite = createHash("sha256").update(Buffer.concat(sums)).digest("base64");
  return { input: { Bucket, Key, UploadId, MultipartUpload: { Parts } }, composite };
}

test.each([["with", "-2"] as const, ["without", ""] as const])(
  "accepts the composite checksum %s its number of parts",
  async (name, suffix) => {
    const { input, composite } = await upload(name);
    const ChecksumSHA256 = `${composite}${suffix}`;
    const answer = await client.send(new CompleteMultipartUploadCommand({ ...input, ChecksumSHA256 }));
    expect(answer.ChecksumSHA256).toBe(`${composite}-2`);
  },
);

test("rejects another composite checksum, and keeps the upload", async () => {
  const { input } = await upload("wrong");
  const ChecksumSHA256 = createHash("sha256").update("other").digest("base64");
  const wrong = client.send(new CompleteMultipartUploadCommand({ ...input, ChecksumSHA256 }));
  await expect(wrong).rejects.toMatchObject({ name: "BadDigest" });
  await client.send(new CompleteMultipartUploadCommand(input));
});

test("answers the second completion of an upload as the first and writes nothing", async () => {
  const { input } = await upload("twice");
  const first = await client.send(new CompleteMultipartUploadCommand(input));
  const second = await client.send(new CompleteMultipartUploadCommand(input));
  expect({ ...second, $metadata: {} }).toEqual({ ...first, $metadata: {} });
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "twice" }));
  expect(Versions).toHaveLength(1);
});

test.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
  "returns the %s of the whole object for an upload that wants it",
  async (ChecksumAlgorithm) => {
    const field = `Checksum${ChecksumAlgorithm}` as const;
    const bodies = [Buffer.alloc(PART_BYTES, "a"), Buffer.from("b")];
    const whole = { Bucket, Key: `whole-${ChecksumAlgorithm}`, ChecksumAlgorithm };
    const { [field]: expected } = await client.send(
      new PutObjectCommand({ ...whole, Body: Buffer.concat(bodies) }),
    );
    const at = { ...whole, Key: `parts-${ChecksumAlgorithm}` };
    const { UploadId, ChecksumType } = await client.send(
      new CreateMultipartUploadCommand({ ...at, ChecksumType: "FULL_OBJECT" }),
    );
    expect(ChecksumType).toBe("FULL_OBJECT");
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const part = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag: part.ETag, [field]: part[field] });
    }
    const completion = { Bucket, Key: at.Key, UploadId, MultipartUpload: { Parts }, [field]: expected };
    const answer = await client.send(
      new CompleteMultipartUploadCommand({ ...completion, ChecksumType: "FULL_OBJECT" }),
    );
    expect([answer[field], answer.ChecksumType]).toEqual([expected, "FULL_OBJECT"]);
    const read = await client.send(new GetObjectCommand({ Bucket, Key: at.Key, ChecksumMode: "ENABLED" }));
    expect([read[field], (await read.Body?.transformToByteArray())?.length]).toEqual([
      expected,
      PART_BYTES + 1,
    ]);
  },
);

test("rejects a SHA-256 of the whole object and a composite CRC64NVME", async () => {
  const start = (ChecksumAlgorithm: "SHA256" | "CRC64NVME", ChecksumType: "FULL_OBJECT" | "COMPOSITE") =>
    client.send(new CreateMultipartUploadCommand({ Bucket, Key: "type", ChecksumAlgorithm, ChecksumType }));
  await expect(start("SHA256", "FULL_OBJECT")).rejects.toThrow("cannot be used with the sha256 checksum");
  await expect(start("CRC64NVME", "COMPOSITE")).rejects.toThrow("cannot be used with the crc64nvme checksum");
});

test("copies parts from ranges of an object", async () => {
  const Body = Buffer.concat([Buffer.alloc(PART_BYTES, "a"), Buffer.from("bcd")]);
  await client.send(new PutObjectCommand({ Bucket, Key: "from", Body }));
  const at = { Bucket, Key: "copied", ChecksumAlgorithm: "CRC32" } as const;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const copy = (PartNumber: number, CopySourceRange?: string) =>
    client.send(
      new UploadPartCopyCommand({
        ...{ Bucket, Key: "copied", UploadId, PartNumber, CopySource: `${Bucket}/from` },
        CopySourceRange,
      }),
    );
  const first = await copy(1, `bytes=0-${PART_BYTES - 1}`);
  const last = await copy(2, `bytes=${PART_BYTES + 1}-${PART_BYTES + 2}`);
  expect(last.CopyPartResult?.ChecksumCRC32).toBeDefined();
  await expect(copy(3, `bytes=0-${PART_BYTES + 3}`)).rejects.toThrow("not valid for source object of size");
  const Parts = [first, last].map(({ CopyPartResult }, index) => ({
    ...CopyPartResult,
    PartNumber: index + 1,
  }));
  const upload = { Bucket, Key: "copied", UploadId };
  await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const read = await client.send(new GetObjectCommand({ Bucket, Key: "copied" }));
  const bytes = Buffer.from((await read.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(Buffer.concat([Body.subarray(0, PART_BYTES), Buffer.from("cd")]))).toBe(true);
});
