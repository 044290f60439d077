import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, expect } from "@jest/globals";
import { bodyOf, etagOf, multipartEtagOf, someBytes } from "../support/bytes.js";
import { conformance, expectFailure } from "../support/conformance.js";

const partSize = 5 * 2 ** 20;
/** Two parts, the second a small one. */
const data = someBytes(partSize + 300_000);

await conformance("multipart uploads", ({ client, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
  });
  const get = async (Key: string): Promise<Buffer> =>
    bodyOf(await client.send(new GetObjectCommand({ Bucket, Key })));
  const create = async (Key: string): Promise<string> =>
    (await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId ?? "";
  const uploadPart = (Key: string, UploadId: string, PartNumber: number, Body: Buffer | string) =>
    client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  const complete = (
    Key: string,
    UploadId: string,
    Parts: { PartNumber: number; ETag: string | undefined }[],
  ) => client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  const uploads = async (Prefix: string) =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }))).Uploads ?? [];

  check("stores an upload of bytes with the ETag of its parts and its attributes", async () => {
    const params = {
      Bucket,
      Key: "bytes",
      Body: data,
      Metadata: { run: "r1" },
      ContentType: "application/x-mp",
    };
    await new Upload({ client, params, partSize }).done();
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "bytes" }));
    expect((await bodyOf(answer)).equals(data)).toBe(true);
    expect(answer).toMatchObject({
      ETag: multipartEtagOf(data, partSize),
      Metadata: { run: "r1" },
      ContentType: "application/x-mp",
      ContentLength: data.length,
    });
    await expectFailure(
      client.send(new GetObjectCommand({ Bucket, Key: "bytes", IfMatch: `"${"0".repeat(32)}-2"` })),
      { status: 412 },
    );
  });

  check("returns the ETag when an upload is completed", async () => {
    const params = { Bucket, Key: "etag", Body: data };
    const { ETag } = await new Upload({ client, params, partSize }).done();
    expect(ETag).toBe(multipartEtagOf(data, partSize));
  });

  check("stores the upload of a stream completely", async () => {
    const pieces = Array.from({ length: 85 }, (_, i) => data.subarray(i * 65_536, (i + 1) * 65_536));
    const params = { Bucket, Key: "stream", Body: Readable.from(pieces) };
    await new Upload({ client, params, partSize }).done();
    expect((await get("stream")).equals(data)).toBe(true);
  });

  check("stores a small stream by one put", async () => {
    const params = { Bucket, Key: "small", Body: Readable.from([Buffer.from("hello")]) };
    await new Upload({ client, params }).done();
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "small" }));
    expect((await bodyOf(answer)).toString()).toBe("hello");
    expect(answer.ETag).toBe(etagOf("hello"));
  });

  check("returns ranges that cross parts", async () => {
    await new Upload({ client, params: { Bucket, Key: "ranges", Body: data }, partSize }).done();
    for (const [start, end] of [
      [partSize - 10, partSize + 10],
      [1, data.length],
      [partSize, data.length],
    ] as const) {
      const Range = `bytes=${start}-${end - 1}`;
      const answer = await client.send(new GetObjectCommand({ Bucket, Key: "ranges", Range }));
      expect((await bodyOf(answer)).equals(data.subarray(start, end))).toBe(true);
    }
  });

  check("returns one part and the number of parts", async () => {
    await new Upload({ client, params: { Bucket, Key: "parts", Body: data }, partSize }).done();
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "parts", PartNumber: 1 }));
    expect([head.PartsCount, head.ContentLength]).toEqual([2, partSize]);
    const last = await client.send(new GetObjectCommand({ Bucket, Key: "parts", PartNumber: 2 }));
    expect((await bodyOf(last)).equals(data.subarray(partSize))).toBe(true);
  });

  check("keeps no object and no upload of a failed stream", async () => {
    const pieces = async function* () {
      yield data;
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new Error("the source broke");
    };
    const params = { Bucket, Key: "broken", Body: Readable.from(pieces()) };
    await expect(new Upload({ client, params, partSize }).done()).rejects.toThrow("the source broke");
    await expectFailure(client.send(new HeadObjectCommand({ Bucket, Key: "broken" })), { status: 404 });
    expect(await uploads("broken")).toEqual([]);
  });

  check("lists uploads and their parts until they are aborted", async () => {
    const UploadId = await create("aborted");
    await uploadPart("aborted", UploadId, 1, "x");
    expect(await uploads("aborted")).toMatchObject([{ Key: "aborted", UploadId }]);
    const { Parts } = await client.send(new ListPartsCommand({ Bucket, Key: "aborted", UploadId }));
    expect(Parts).toMatchObject([{ PartNumber: 1, Size: 1, ETag: etagOf("x") }]);
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId }));
    expect(await uploads("aborted")).toEqual([]);
    const gone = { name: "NoSuchUpload", status: 404 };
    await expectFailure(uploadPart("aborted", UploadId, 2, "x"), gone);
    await expectFailure(complete("aborted", UploadId, [{ PartNumber: 1, ETag: etagOf("x") }]), gone);
  });

  check("pages uploads", async () => {
    const ids = [await create("paged/a"), await create("paged/b"), await create("paged/b")];
    const seen: (string | undefined)[] = [];
    for (let KeyMarker: string | undefined, UploadIdMarker: string | undefined, more = true; more;) {
      const input = { Bucket, Prefix: "paged/", MaxUploads: 1, KeyMarker, UploadIdMarker };
      const page = await client.send(new ListMultipartUploadsCommand(input));
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      ({ NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page);
      more = page.IsTruncated === true;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  check("pages parts", async () => {
    const UploadId = await create("many-parts");
    for (const number of [3, 1, 7]) {
      await uploadPart("many-parts", UploadId, number, "x");
    }
    const input = { Bucket, Key: "many-parts", UploadId };
    const first = await client.send(new ListPartsCommand({ ...input, MaxParts: 2 }));
    expect(first.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1, 3]);
    expect([first.IsTruncated, first.NextPartNumberMarker]).toEqual([true, "3"]);
    const next = await client.send(
      new ListPartsCommand({ ...input, PartNumberMarker: first.NextPartNumberMarker }),
    );
    expect(next.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([7]);
    expect(next.IsTruncated).toBe(false);
  });

  check("replaces a part that is uploaded twice", async () => {
    const UploadId = await create("again");
    await uploadPart("again", UploadId, 1, "first");
    const { ETag } = await uploadPart("again", UploadId, 1, "second");
    await complete("again", UploadId, [{ PartNumber: 1, ETag }]);
    expect((await get("again")).toString()).toBe("second");
  });

  check("builds the object from the listed parts only", async () => {
    const UploadId = await create("chosen");
    await uploadPart("chosen", UploadId, 1, "left out");
    const { ETag } = await uploadPart("chosen", UploadId, 2, "chosen");
    await complete("chosen", UploadId, [{ PartNumber: 2, ETag }]);
    expect((await get("chosen")).toString()).toBe("chosen");
  });

  check("rejects an invalid list of parts", async () => {
    const UploadId = await create("wrong");
    const small = await uploadPart("wrong", UploadId, 1, "too small to come first");
    const last = await uploadPart("wrong", UploadId, 2, "last");
    const first = { PartNumber: 1, ETag: small.ETag };
    const second = { PartNumber: 2, ETag: last.ETag };
    await expectFailure(complete("wrong", UploadId, [second, first]), {
      name: "InvalidPartOrder",
      status: 400,
    });
    await expectFailure(complete("wrong", UploadId, [{ PartNumber: 1, ETag: last.ETag }]), {
      name: "InvalidPart",
      status: 400,
    });
    await expectFailure(complete("wrong", UploadId, [first, { PartNumber: 9, ETag: last.ETag }]), {
      name: "InvalidPart",
      status: 400,
    });
    await expectFailure(complete("wrong", UploadId, [first, second]), {
      name: "EntityTooSmall",
      status: 400,
    });
    await complete("wrong", UploadId, [second]);
    expect((await get("wrong")).toString()).toBe("last");
  });

  check("rejects part numbers above 10,000", async () => {
    const UploadId = await create("numbers");
    await uploadPart("numbers", UploadId, 10_000, "x");
    for (const number of [0, 10_001]) {
      await expectFailure(uploadPart("numbers", UploadId, number, "x"), {
        name: "InvalidArgument",
        status: 400,
      });
    }
  });

  check("stores the copy of a multipart object as a plain object", async () => {
    await new Upload({ client, params: { Bucket, Key: "to-copy", Body: data }, partSize }).done();
    await client.send(new CopyObjectCommand({ Bucket, Key: "plain", CopySource: `${Bucket}/to-copy` }));
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "plain" }));
    expect((await bodyOf(answer)).equals(data)).toBe(true);
    expect(answer.ETag).toBe(etagOf(data));
  });
});
