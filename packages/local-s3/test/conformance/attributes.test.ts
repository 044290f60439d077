import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "@aws-sdk/client-s3";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, expect } from "@jest/globals";
import { bodyOf, digest, someBytes } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

const data = someBytes(100_001);

await conformance("attributes and checksums", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));

  check("returns metadata and headers unchanged", async () => {
    const attributes = {
      Metadata: { "schema-hash": "abc123", note: "x y;=,z", n: "42" },
      CacheControl: "no-cache",
      ContentEncoding: "gzip",
      ContentType: "application/json",
      ContentDisposition: "inline",
      ContentLanguage: "en",
    };
    await client.send(new PutObjectCommand({ Bucket, Key: "attributes", Body: "1", ...attributes }));
    expect(await head("attributes")).toMatchObject(attributes);
    expect((await head("attributes")).Metadata).toEqual(attributes.Metadata);
  });

  check("keeps the metadata and the encoding of a stream", async () => {
    const Body = Readable.from([Buffer.from("zz")]);
    const params = { Bucket, Key: "stream", Body, ContentLength: 2, ContentEncoding: "gzip" };
    await client.send(new PutObjectCommand({ ...params, Metadata: { m: "1" } }));
    const answer = await head("stream");
    expect(answer.Metadata).toEqual({ m: "1" });
    expect(answer.ContentEncoding).toMatch(/^gzip,?$/);
  });

  check("rejects metadata of more than 2 KB", async () => {
    const Metadata = { long: "x".repeat(2045) };
    await expectFailure(client.send(new PutObjectCommand({ Bucket, Key: "long", Body: "1", Metadata })), {
      name: "MetadataTooLarge",
      status: 400,
    });
  });

  check("stores and returns the SDK's CRC32", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "crc32", Body: data }));
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(data));
    expect((await head("crc32")).ChecksumCRC32).toBe(bytes.toString("base64"));
  });

  // The catalogue of CRCs has the check values of these nine digits.
  const digits = Buffer.from("123456789");
  const sums: readonly (readonly [
    ChecksumAlgorithm,
    "ChecksumSHA1" | "ChecksumSHA256" | "ChecksumCRC32C" | "ChecksumCRC64NVME",
    string,
  ])[] = [
    ["SHA1", "ChecksumSHA1", digest("sha1", digits)],
    ["SHA256", "ChecksumSHA256", digest("sha256", digits)],
    ["CRC32C", "ChecksumCRC32C", "4waSgw=="],
    ["CRC64NVME", "ChecksumCRC64NVME", "rosUhgp5mIg="],
  ];
  for (const [ChecksumAlgorithm, field, expected] of sums) {
    check(`checks, stores and returns ${ChecksumAlgorithm}`, async () => {
      const Key = `sum-${ChecksumAlgorithm}`;
      const put = await client.send(new PutObjectCommand({ Bucket, Key, Body: digits, ChecksumAlgorithm }));
      expect([put[field], (await head(Key))[field]]).toEqual([expected, expected]);
      const answer = await client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
      expect(await bodyOf(answer)).toEqual(digits);
    });
  }

  check("rejects a wrong SHA-256 and stores nothing", async () => {
    const params = { Bucket, Key: "wrong-sha256", Body: "abc", ChecksumSHA256: digest("sha256", "other") };
    await expectFailure(client.send(new PutObjectCommand(params)), { status: 400 });
    await expectFailure(head("wrong-sha256"), { status: 404 });
  });

  check("rejects a wrong MD5 and stores nothing", async () => {
    const ContentMD5 = Buffer.from(digest("md5", "other"), "hex").toString("base64");
    const params = { Bucket, Key: "wrong-md5", Body: "abc", ContentMD5 };
    await expectFailure(client.send(new PutObjectCommand(params)), { status: 400 });
    await expectFailure(head("wrong-md5"), { status: 404 });
  });

  check("returns a composite checksum for a multipart upload", async () => {
    const body = someBytes(6 * 2 ** 20);
    const params = { Bucket, Key: "composite", Body: body, ChecksumAlgorithm: "SHA256" as const };
    await new Upload({ client, params, partSize: 5 * 2 ** 20 }).done();
    const answer = await client.send(
      new GetObjectCommand({ Bucket, Key: "composite", ChecksumMode: "ENABLED" }),
    );
    expect((await bodyOf(answer)).equals(body)).toBe(true);
    const parts = [body.subarray(0, 5 * 2 ** 20), body.subarray(5 * 2 ** 20)];
    const sum = digest(
      "sha256",
      Buffer.concat(parts.map((part) => Buffer.from(digest("sha256", part), "base64"))),
    );
    expect(answer.ChecksumSHA256).toBe(`${sum}-2`);
  });
});
