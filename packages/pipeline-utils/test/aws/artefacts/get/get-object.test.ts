import { createHash, randomBytes } from "node:crypto";

import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  findLatestArtefactOnS3,
  listArtefacts,
  putObjectToS3,
  S3AccessError,
} from "@ml-pipelines/pipeline-utils/aws";
import type { RetryEvent, S3TimestampedArtefact } from "@ml-pipelines/pipeline-utils/aws";
import { readAll } from "../../../../src/aws/artefacts/get/body.js";
import { faultOn } from "@ml-pipelines/test-support/fault-proxy";
import type { Fault, ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const filename = "sales_2021-07-03T23:05:32.csv";
const bytes = randomBytes(3 * MIB);
const large = randomBytes(9 * MIB);

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
  await putObjectToS3(bytes, { bucket, folder: "small", filename, client: s3.client });
  await putObjectToS3(large, { bucket, folder: "large", filename, client: s3.client });
});
afterAll(() => s3.stop());

const isGet = ({ method, url }: ProxiedRequest): boolean => method === "GET" && !url.includes("list-type");

/** The latest artefact of a folder, through a proxy that does something to the nth read. */
async function latestThrough(
  folder: string,
  faultOfGet: (count: number) => Fault | Promise<Fault>,
  retries: RetryEvent[] = [],
): Promise<S3TimestampedArtefact> {
  const { client } = await s3.through(faultOn(isGet, faultOfGet), {
    idleMilliseconds: 1000,
    onRetry: (event) => retries.push(event),
  });
  return findLatestArtefactOnS3("csv", bucket, { folder, client });
}

describe("a body that differs from the recorded one", () => {
  const changes: [string, (body: Buffer) => Buffer][] = [
    ["truncated", (body) => body.subarray(0, -1)],
    ["cut to nothing", () => Buffer.alloc(0)],
    ["padded", (body) => Buffer.concat([body, Buffer.from("\n")])],
    ["with its first bit flipped", (body) => flip(body, 0)],
    ["with its last bit flipped", (body) => flip(body, body.length - 1)],
  ];

  test.each(changes)("rejects a body that came %s", async (_, change) => {
    for (const folder of ["small", "large"]) {
      const artefact = await latestThrough(folder, () => ({ kind: "change-body", change }));
      const read = artefact.get().then(readAll);
      await expect(read).rejects.toThrow(ArtefactChangedError);
      await expect(read).rejects.toThrow(`s3://${bucket}/${folder}/${filename}: damaged:`);
    }
  });

  test("throws before the end when the reader takes chunks", async () => {
    const artefact = await latestThrough("small", () => ({
      kind: "change-body",
      change: (body) => flip(body, 0),
    }));
    let received = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of await artefact.get()) {
        received += chunk.length;
      }
    };
    await expect(read()).rejects.toThrow(ArtefactChangedError);
    expect(received).toBeLessThan(bytes.length);
  });

  test("rejects a body when only its sha256 differs", async () => {
    // As another program would leave it: the metadata do not fit.
    const key = "wrong-sha/a_2021-07-03.csv";
    await s3.client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x", Metadata: { sha256: "0".repeat(64) } }),
    );
    const artefact = await findLatestArtefactOnS3("csv", bucket, { folder: "wrong-sha", client: s3.client });
    await expect(artefact.get().then(readAll)).rejects.toThrow(
      `its sha256 is ${"0".repeat(64)}, its bytes give`,
    );
  });
});

describe("a body whose connection fails", () => {
  test("requests the rest after a cut and reports it", async () => {
    const retries: RetryEvent[] = [];
    const cut = (count: number): Fault =>
      count <= 2 ? { kind: "cut-body", after: 100_000 } : { kind: "pass" };
    const artefact = await latestThrough("small", cut, retries);
    const body = await readAll(await artefact.get());
    expect(createHash("md5").update(body).digest("hex")).toBe(artefact.etag);
    expect(retries).toHaveLength(2);
    expect(retries[0]?.message).toMatch(
      /after \d+ of 3145728 bytes at http:\/\/\S+: the connection was cut .* requesting the rest in 100 ms/,
    );
  });

  test("rejects in one line when the connection is cut repeatedly without a byte", async () => {
    const artefact = await latestThrough("small", (count) =>
      count === 1 ? { kind: "cut-body", after: 100_000 } : { kind: "reset" },
    );
    const read = artefact.get().then(readAll);
    await expect(read).rejects.toThrow(S3AccessError);
    await expect(read).rejects.toThrow(/^s3:\/\/.*: the connection was cut \(.*, after 3 attempts\)$/);
  });

  test("requests the rest when the connection is silent", async () => {
    const artefact = await latestThrough("small", (count) =>
      count === 1 ? { kind: "stall-body", after: 100_000 } : { kind: "pass" },
    );
    expect(await readAll(await artefact.get())).toHaveLength(bytes.length);
  });

  test("rejects an object that was replaced before the rest was requested", async () => {
    const folder = "replaced";
    await putObjectToS3(bytes, { bucket, folder, filename, client: s3.client });
    const artefact = await latestThrough(folder, async (count) => {
      if (count === 1) {
        return { kind: "cut-body", after: 100_000 };
      }
      await putPlain(s3.client, bucket, `${folder}/${filename}`, randomBytes(bytes.length));
      return { kind: "pass" };
    });
    await expect(artefact.get().then(readAll)).rejects.toThrow(ArtefactChangedError);
  });
});

describe("an answer that does not identify its bytes", () => {
  const refused: [string, Fault, RegExp][] = [
    ["without ETag", { kind: "drop-header", name: "etag" }, /: the server gives no ETag for it/],
    [
      "without length",
      { kind: "drop-header", name: "content-length" },
      /does not say how long the object is/,
    ],
    [
      "of another object, from a server that passes over conditions",
      { kind: "answer", status: 200, headers: { etag: '"other"', "content-length": "1" }, body: "x" },
      /another object is there now: expected the one with ETag/,
    ],
  ];
  test.each(refused)("rejects an answer %s", async (_, fault, message) => {
    const artefact = await latestThrough("small", () => fault);
    const read = artefact.get();
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toThrow(`s3://${bucket}/small/${filename}: `);
  });

  test("rejects an answer from the beginning when the rest was requested", async () => {
    const artefact = await latestThrough("small", (count) =>
      count === 1
        ? { kind: "cut-body", after: 100_000 }
        : {
            kind: "answer",
            status: 200,
            headers: { etag: `"${artefact.etag}"`, "content-length": "1" },
            body: "x",
          },
    );
    await expect(artefact.get().then(readAll)).rejects.toThrow(/does not start at byte \d+, as requested/);
  });

  test("rejects a listing without ETags", async () => {
    const listing =
      "<ListBucketResult><Name>b</Name><Contents><Key>a_2021-07-03.csv</Key></Contents></ListBucketResult>";
    const { client } = await s3.through(() => ({ kind: "answer", status: 200, body: listing }));
    const told = `s3://${bucket}/a_2021-07-03.csv: the server gives no ETag for it`;
    await expect(findLatestArtefactOnS3("csv", bucket, { client })).rejects.toThrow(told);
    await expect(listArtefacts("csv", bucket, { client }).next()).rejects.toThrow(told);
  });
});

describe("S3TimestampedArtefact.get", () => {
  test("rejects an object that was replaced after it was listed", async () => {
    const options = { bucket, folder: "changing", client: s3.client };
    const artefact = await putObjectToS3(Buffer.from("first"), { ...options, filename });
    await putObjectToS3(Buffer.from("second"), { ...options, filename, overwrite: true });
    const read = artefact.get();
    await expect(read).rejects.toThrow(ArtefactChangedError);
    await expect(read).rejects.toThrow(
      `another object is there now: expected the one with ETag ${artefact.etag}`,
    );
  });

  test("returns a body that can be read once", async () => {
    const artefact = await findLatestArtefactOnS3("csv", bucket, { folder: "small", client: s3.client });
    const body = await artefact.get();
    await readAll(body);
    await expect(readAll(body)).rejects.toThrow(
      `s3://${bucket}/small/${filename}: its body can be read once`,
    );
  });

  test("rejects an object that was deleted after it was listed", async () => {
    const artefact = await putObjectToS3(Buffer.from("x"), {
      bucket,
      folder: "gone",
      filename,
      client: s3.client,
    });
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: artefact.key }));
    const read = artefact.get();
    await expect(read).rejects.toThrow(ArtefactNotFoundError);
    await expect(read).rejects.toThrow(`s3://${bucket}/gone/${filename}: no such object`);
  });

  test("rejects with the signal's reason when it is aborted", async () => {
    const artefact = await latestThrough("small", () => ({ kind: "stall-body", after: 100_000 }));
    const controller = new AbortController();
    const read = artefact
      .get({
        signal: controller.signal,
        onProgress: () => {
          controller.abort(new Error("enough"));
        },
      })
      .then(readAll);
    await expect(read).rejects.toThrow("enough");
  });
});

function flip(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  copy[at]! ^= 1;
  return copy;
}
