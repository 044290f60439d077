import type { CompletedPart, ObjectAttributes } from "@aws-sdk/client-s3";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { digest, etagOf } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

const ALL: ObjectAttributes[] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
const PART_BYTES = 5 * 2 ** 20;
const BODIES = [Buffer.alloc(PART_BYTES, "a"), Buffer.alloc(PART_BYTES, "b"), Buffer.from("c")];

await conformance("GetObjectAttributes", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const attributes = (
    Key: string,
    input: { MaxParts?: number; PartNumberMarker?: string | undefined } = {},
  ) => client.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ALL, ...input }));

  /** Upload three parts. */
  async function upload(Key: string, ChecksumAlgorithm: "SHA256" | "CRC64NVME"): Promise<CompletedPart[]> {
    const at = { Bucket, Key, ChecksumAlgorithm };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of BODIES.entries()) {
      const PartNumber = index + 1;
      const part = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
      const { ETag, ChecksumSHA256, ChecksumCRC64NVME } = part;
      Parts.push({ PartNumber, ETag, ChecksumSHA256, ChecksumCRC64NVME });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    return Parts;
  }

  check("returns the ETag, checksum, storage class and size of an object", async () => {
    const params = { Bucket, Key: "plain", Body: "hello", ChecksumAlgorithm: "SHA256" } as const;
    await client.send(new PutObjectCommand(params));
    const answer = await attributes("plain");
    expect(answer).toMatchObject({
      ETag: etagOf("hello").replaceAll('"', ""),
      Checksum: { ChecksumSHA256: digest("sha256", "hello"), ChecksumType: "FULL_OBJECT" },
      StorageClass: "STANDARD",
      ObjectSize: 5,
    });
    expect(answer.ObjectParts).toBeUndefined();
    expect(answer.LastModified).toBeInstanceOf(Date);
  });

  check("returns only the attributes that are named", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "some", Body: "hello" }));
    const params = { Bucket, Key: "some", ObjectAttributes: ["ObjectSize"] as ObjectAttributes[] };
    const answer = await client.send(new GetObjectAttributesCommand(params));
    expect([answer.ObjectSize, answer.ETag, answer.Checksum]).toEqual([5, undefined, undefined]);
  });

  check("pages the parts of a composite checksum", async () => {
    const parts = await upload("composite", "SHA256");
    const sums = parts.map(({ ChecksumSHA256 = "" }) => Buffer.from(ChecksumSHA256, "base64"));
    const first = await attributes("composite", { MaxParts: 2 });
    // Unlike in other responses, without its number of parts.
    expect(first.Checksum).toEqual({
      ChecksumSHA256: digest("sha256", Buffer.concat(sums)),
      ChecksumType: "COMPOSITE",
    });
    const expected = parts.map(({ PartNumber, ChecksumSHA256 }, index) => ({
      PartNumber,
      ChecksumSHA256,
      Size: BODIES[index]?.length,
    }));
    expect(first.ObjectParts).toEqual({
      ...{ TotalPartsCount: 3, PartNumberMarker: "0", NextPartNumberMarker: "2" },
      ...{ MaxParts: 2, IsTruncated: true, Parts: expected.slice(0, 2) },
    });
    const next = await attributes("composite", { PartNumberMarker: first.ObjectParts?.NextPartNumberMarker });
    expect(next.ObjectParts).toMatchObject({ IsTruncated: false, Parts: expected.slice(2) });
  });

  check("returns the number of parts alone when the checksum is of the whole object", async () => {
    await upload("whole", "CRC64NVME");
    const { Checksum, ObjectParts, ObjectSize } = await attributes("whole");
    expect(Checksum?.ChecksumType).toBe("FULL_OBJECT");
    expect(ObjectParts).toEqual({ TotalPartsCount: 3 });
    expect(ObjectSize).toBe(2 * PART_BYTES + 1);
  });

  check("returns the attributes of a version", async () => {
    const versioned = await newBucket();
    const at = { Bucket: versioned, Key: "k" };
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
    const { VersionId } = await client.send(new PutObjectCommand({ ...at, Body: "1" }));
    await client.send(new PutObjectCommand({ ...at, Body: "22" }));
    const answer = await client.send(
      new GetObjectAttributesCommand({ ...at, VersionId, ObjectAttributes: ALL }),
    );
    expect([answer.VersionId, answer.ObjectSize]).toEqual([VersionId, 1]);
  });

  check("rejects attributes that are unknown or missing", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "unknown", Body: "1" }));
    const send = (names: string[]) =>
      client.send(
        new GetObjectAttributesCommand({
          ...{ Bucket, Key: "unknown" },
          ObjectAttributes: names as ObjectAttributes[],
        }),
      );
    await expectFailure(send(["ETag", "Colour"]), { name: "InvalidArgument", status: 400 });
    await expectFailure(send([]), { name: "InvalidRequest", status: 400 });
  });

  check("returns NoSuchKey for the attributes of a missing object", async () => {
    await expectFailure(attributes("missing"), { name: "NoSuchKey", status: 404 });
  });
});
