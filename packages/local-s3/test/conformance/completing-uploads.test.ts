import { createHash } from "node:crypto";
import type { CompletedPart } from "@aws-sdk/client-s3";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance, expectFailure } from "../support/conformance.js";

const PART_BYTES = 5 * 2 ** 20;

await conformance("completing uploads", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });

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

  for (const [name, suffix] of [
    ["with", "-2"],
    ["without", ""],
  ] as const) {
    check(`accepts the composite checksum ${name} its number of parts`, async () => {
      const { input, composite } = await upload(name);
      const ChecksumSHA256 = `${composite}${suffix}`;
      const answer = await client.send(new CompleteMultipartUploadCommand({ ...input, ChecksumSHA256 }));
      expect(answer.ChecksumSHA256).toBe(`${composite}-2`);
    });
  }

  check("rejects another composite checksum, and keeps the upload", async () => {
    const { input } = await upload("wrong");
    const ChecksumSHA256 = createHash("sha256").update("other").digest("base64");
    const wrong = client.send(new CompleteMultipartUploadCommand({ ...input, ChecksumSHA256 }));
    await expectFailure(wrong, { name: "BadDigest", status: 400 });
    await client.send(new CompleteMultipartUploadCommand(input));
  });

  check("answers the second completion of an upload as the first, and writes nothing", async () => {
    const { input } = await upload("twice");
    const { Location } = await client.send(new CompleteMultipartUploadCommand(input));
    const second = await client.send(new CompleteMultipartUploadCommand(input));
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket, Key: "twice" }));
    expect(second).toMatchObject({ Key: "twice", Location, ETag });
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: "twice" }));
    expect(Versions).toHaveLength(1);
  });

  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const) {
    check(`returns the ${ChecksumAlgorithm} of the whole object for an upload that wants it`, async () => {
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
    });
  }

  check("rejects a checksum of the whole object by SHA-256, and a composite CRC64NVME", async () => {
    const start = (ChecksumAlgorithm: "SHA256" | "CRC64NVME", ChecksumType: "FULL_OBJECT" | "COMPOSITE") =>
      client.send(new CreateMultipartUploadCommand({ Bucket, Key: "type", ChecksumAlgorithm, ChecksumType }));
    await expectFailure(start("SHA256", "FULL_OBJECT"), { name: "InvalidRequest", status: 400 });
    await expectFailure(start("CRC64NVME", "COMPOSITE"), { name: "InvalidRequest", status: 400 });
  });

  check("rejects a completion that names another type of checksum than its upload", async () => {
    const at = { Bucket, Key: "other-type", ChecksumAlgorithm: "CRC32" } as const;
    const start = new CreateMultipartUploadCommand({ ...at, ChecksumType: "FULL_OBJECT" });
    const { UploadId } = await client.send(start);
    const part = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "1" }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] };
    const input = { Bucket, Key: at.Key, UploadId, MultipartUpload };
    const other = new CompleteMultipartUploadCommand({ ...input, ChecksumType: "COMPOSITE" });
    await expectFailure(client.send(other), { name: "InvalidRequest", status: 400 });
    await client.send(new CompleteMultipartUploadCommand({ ...input, ChecksumType: "FULL_OBJECT" }));
  });

  check("copies parts from ranges of an object", async () => {
    const Body = Buffer.concat([Buffer.alloc(PART_BYTES, "a"), Buffer.from("bcd")]);
    await client.send(new PutObjectCommand({ Bucket, Key: "from", Body }));
    const at = { Bucket, Key: "copied" };
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

  check("returns the checksum of a part that is copied", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "sum-from", Body: "bytes" }));
    const at = { Bucket, Key: "sum-copied", ChecksumAlgorithm: "CRC32" } as const;
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const part = { Bucket, Key: at.Key, UploadId, PartNumber: 1, CopySource: `${Bucket}/sum-from` };
    const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
    expect(CopyPartResult?.ChecksumCRC32).toBe("sZlDzg==");
  });

  check("rejects a copied range beyond the end of the object", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "range-from", Body: "bytes" }));
    const at = { Bucket, Key: "range-copied" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const part = { ...at, UploadId, PartNumber: 1, CopySource: `${Bucket}/range-from` };
    const beyond = new UploadPartCopyCommand({ ...part, CopySourceRange: "bytes=0-5" });
    await expectFailure(client.send(beyond), { name: "InvalidArgument", status: 400 });
  });
});
