import { createHash, randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from "@aws-sdk/client-s3";

import {
  ArtefactExistsError,
  findLatestArtefactOnS3,
  InvalidArtefactKeyError,
  putObjectToS3,
} from "@ml-pipelines/pipeline-utils/aws";
import type { TransferProgress } from "@ml-pipelines/pipeline-utils/aws";
import { readAll } from "../../../../src/aws/artefacts/get/body.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const filename = "sales_2021-07-03T23:05:32.csv";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

async function* chunks(bytes: Uint8Array, size = 300_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

const keysIn = async (bucket: string): Promise<string[]> => {
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key }) => Key ?? "");
};
const uploadsIn = async (bucket: string): Promise<number> => {
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return Uploads.length;
};
const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("putObjectToS3 with a small object", () => {
  test("sends one request with its sha256, and returns an artefact", async () => {
    const bucket = await s3.bucket();
    const bytes = Buffer.from("a,b\n1,2\n");
    const artefact = await putObjectToS3(bytes, { bucket, folder: "datasets", filename, client: s3.client });
    expect(artefact).toMatchObject({
      bucket,
      key: `datasets/${filename}`,
      address: `s3://${bucket}/datasets/${filename}`,
      etag: createHash("md5").update(bytes).digest("hex"),
      timestamp: new Date("2021-07-03T23:05:32Z"),
      fileFormat: "csv",
    });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: artefact.key }));
    expect(head.Metadata).toMatchObject({ sha256: sha256Of(bytes) });
    expect(await readAll(await artefact.get())).toEqual(bytes);
  });

  test("accepts an empty stream, and a name in any script", async () => {
    const bucket = await s3.bucket();
    const name = "Größe 'é' & <数据> +%41?#_2021-07-03T23|05|32.csv";
    const empty = await putObjectToS3(chunks(new Uint8Array()), {
      bucket,
      folder: "Ordner 1/ü/",
      filename: name,
      client: s3.client,
    });
    expect(await keysIn(bucket)).toEqual([`Ordner 1/ü/${name}`]);
    expect(await readAll(await empty.get())).toHaveLength(0);
  });

  // AWS itself cannot be reached, so each signed request for it goes to the test's server.
  test("looks for an existing object first, except on AWS", async () => {
    const bucket = await s3.bucket();
    const { client, endpoint, requests } = await s3.through(() => ({ kind: "pass" }));
    const { hostname, port } = new URL(endpoint);
    const { accessKeyId, secretAccessKey, region } = s3;
    const ofAws = new S3Client({
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
    ofAws.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { protocol: "http:", hostname, port: Number(port) });
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    await putObjectToS3(Buffer.from("a"), { bucket, folder: "a", filename, client: ofAws });
    await putObjectToS3(Buffer.from("b"), { bucket, folder: "b", filename, client });
    expect(requests.map((request) => request.replace(/\?.*/, ""))).toEqual([
      `PUT /${bucket}/a/${filename}`,
      `HEAD /${bucket}/b/${filename}`,
      `PUT /${bucket}/b/${filename}`,
    ]);
    ofAws.destroy();
  });

  test("replaces an object only when overwrite is set", async () => {
    const bucket = await s3.bucket();
    const options = { bucket, filename, client: s3.client };
    await putObjectToS3(Buffer.from("first"), options);
    const second = putObjectToS3(Buffer.from("second"), options);
    await expect(second).rejects.toThrow(ArtefactExistsError);
    await expect(second).rejects.toThrow(
      `s3://${bucket}/${filename} exists already; pass overwrite: true to replace it`,
    );
    const replaced = await putObjectToS3(Buffer.from("third"), { ...options, overwrite: true });
    expect(Buffer.from(await readAll(await replaced.get())).toString()).toBe("third");
  });

  test.each([
    ["", "plain.csv", "the file's name has no timestamp"],
    ["", "a_2021-07-03.pkl", "the file's name has no timestamp"],
    ["a/../b", filename, 'it has a "." or ".." between slashes'],
    ["/a", filename, 'it begins with "/"'],
    ["a".repeat(1100), filename, "at most 1024 are allowed"],
    ["a\u0000b", filename, "it holds a control character"],
    ["a\ud800", filename, "it holds half of a surrogate pair"],
  ])("rejects a key before anything is sent: %#", async (folder, name, message) => {
    const put = putObjectToS3(Buffer.from("x"), {
      bucket: "no-such-bucket",
      folder,
      filename: name,
      client: s3.client,
    });
    await expect(put).rejects.toThrow(InvalidArtefactKeyError);
    await expect(put).rejects.toThrow(message);
  });
});

describe("arguments of a wrong type", () => {
  async function* text(): AsyncGenerator {
    yield "a,b\n";
  }
  const options = { bucket: "no-such-bucket", filename };
  test.each([
    [
      "text",
      { body: "a,b", ...options },
      "body is 'a,b', expected a Uint8Array or an async iterable of them",
    ],
    ["an array", { body: [1, 2], ...options }, "body is [ 1, 2 ], expected a Uint8Array or"],
    ["nothing", options, "body is undefined, expected a Uint8Array or"],
    [
      "a stream of text",
      { body: text(), ...options },
      "a chunk of the body is 'a,b\\n', expected a Uint8Array",
    ],
    ["no bucket", { body: Buffer.from("x"), filename }, "bucket is undefined, expected a bucket's name"],
    ["no name", { body: Buffer.from("x"), bucket: "b-b" }, "filename is undefined, expected text"],
    ["no folder", { body: Buffer.from("x"), ...options, folder: 5 }, "folder is 5, expected text"],
  ])("rejects wrong arguments and writes nothing: %s", async (_, given, message) => {
    const { body, ...rest } = given as { body: Uint8Array; bucket: string; filename: string };
    const put = putObjectToS3(body, { ...rest, client: s3.client });
    await expect(put).rejects.toThrow(TypeError);
    await expect(put).rejects.toThrow(message);
  });

  test("rejects wrong types of a search", async () => {
    const find = (...given: unknown[]): unknown => Reflect.apply(findLatestArtefactOnS3, undefined, given);
    await expect(find("csv", undefined)).rejects.toThrow("bucket is undefined, expected a bucket's name");
    await expect(find("csv", "b-b", { folder: 5 })).rejects.toThrow("folder is 5, expected text");
    await expect(find("csv", "b-b", { filenamePrefix: 5 })).rejects.toThrow(
      "filenamePrefix is 5, expected text",
    );
  });
});

describe("putObjectToS3 with a large object", () => {
  const bytes = randomBytes(20 * MIB + 12_345);

  test("streams in parts, and the object reads as it was written", async () => {
    const bucket = await s3.bucket();
    const seen: TransferProgress[] = [];
    const artefact = await putObjectToS3(chunks(bytes), {
      bucket,
      filename,
      client: s3.client,
      onProgress: (progress) => seen.push(progress),
    });
    expect(artefact.etag).toMatch(/^[0-9a-f]{32}-3$/);
    expect(seen).toHaveLength(3);
    expect(seen.at(-1)).toEqual({ bytesDone: bytes.length, bytesTotal: undefined });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: filename }));
    expect(head.Metadata).toMatchObject({ "part-size": String(8 * MIB) });
    const read: TransferProgress[] = [];
    expect(
      sha256Of(await readAll(await artefact.get({ onProgress: (progress) => read.push(progress) }))),
    ).toBe(sha256Of(bytes));
    expect(read.at(-1)).toEqual({ bytesDone: bytes.length, bytesTotal: bytes.length });
    expect(await keysIn(bucket)).toEqual([filename]);
  });

  test("records the sha256 when all bytes are there from the start", async () => {
    const bucket = await s3.bucket();
    await putObjectToS3(bytes, { bucket, filename, client: s3.client });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: filename }));
    expect(head.Metadata).toMatchObject({ sha256: sha256Of(bytes) });
  });

  test("keeps an existing object, and leaves no parts", async () => {
    const bucket = await s3.bucket({ versioned: true });
    await putPlain(s3.client, bucket, filename, "there");
    await expect(putObjectToS3(chunks(bytes), { bucket, filename, client: s3.client })).rejects.toThrow(
      ArtefactExistsError,
    );
    expect(await uploadsIn(bucket)).toBe(0);
    await putObjectToS3(chunks(bytes), { bucket, filename, client: s3.client, overwrite: true });
    const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
      new ListObjectVersionsCommand({ Bucket: bucket }),
    );
    expect([Versions.length, DeleteMarkers.length]).toEqual([2, 0]);
  });

  test("writes nothing and leaves no parts when the source fails", async () => {
    const bucket = await s3.bucket();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(bytes);
      throw new Error("the disk is gone");
    }
    await expect(putObjectToS3(failing(), { bucket, filename, client: s3.client })).rejects.toThrow(
      "the disk is gone",
    );
    expect(await keysIn(bucket)).toEqual([]);
    expect(await uploadsIn(bucket)).toBe(0);
  });

  test("leaves no parts when the caller's signal is aborted", async () => {
    const bucket = await s3.bucket();
    const controller = new AbortController();
    const put = putObjectToS3(chunks(bytes), {
      bucket,
      filename,
      client: s3.client,
      signal: controller.signal,
      onProgress: () => {
        controller.abort(new Error("enough"));
      },
    });
    await expect(put).rejects.toThrow("enough");
    expect(await keysIn(bucket)).toEqual([]);
    expect(await uploadsIn(bucket)).toBe(0);
  });
});

describe("putObjectToS3 with skipUnchanged", () => {
  test.each([
    ["small", 1000],
    ["large", 9 * MIB],
  ])("stores unchanged content of a %s object once", async (_, size) => {
    const bucket = await s3.bucket();
    const bytes = randomBytes(size);
    const options = { bucket, folder: "datasets", client: s3.client, skipUnchanged: true };
    const first = await putObjectToS3(chunks(bytes), { ...options, filename: "sales_2021-07-03.csv" });
    const again = await putObjectToS3(chunks(bytes), { ...options, filename: "sales_2021-07-04.csv" });
    expect(again.key).toBe(first.key);
    expect(await uploadsIn(bucket)).toBe(0);
    bytes[10]! ^= 1;
    const changed = await putObjectToS3(chunks(bytes), { ...options, filename: "sales_2021-07-05.csv" });
    expect(changed.key).toBe("datasets/sales_2021-07-05.csv");
    const other = await putObjectToS3(chunks(bytes), { ...options, filename: "sales_eu_2021-07-06.csv" });
    expect(other.key).toBe("datasets/sales_eu_2021-07-06.csv");
  });
});

describe("a server that ignores If-None-Match", () => {
  test("keeps the object of a taken key", async () => {
    const bucket = await s3.bucket();
    await putPlain(s3.client, bucket, filename, "first");
    const { client } = await s3.through(() => ({ kind: "pass" }));
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        delete headers["if-none-match"];
        return next(args);
      },
      { step: "build", priority: "low" },
    );
    const put = putObjectToS3(Buffer.from("second"), { bucket, filename, client });
    await expect(put).rejects.toThrow(ArtefactExistsError);
    const artefact = await findLatestArtefactOnS3("csv", bucket, { client: s3.client });
    expect(Buffer.from(await readAll(await artefact.get())).toString()).toBe("first");
  });
});
