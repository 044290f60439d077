import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";

import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { DataType, Field, Int32, List, Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";

import {
  ArtefactChangedError,
  ArtefactExistsError,
  ArtefactNotFoundError,
  findLatestArtefactOnS3,
  FormatError,
  getLatestCsvDatasetFromS3,
  getLatestParquetDatasetFromS3,
  putCsvDatasetToS3,
  putParquetDatasetToS3,
  S3AccessError,
  SerialisationError,
} from "@ml-pipelines/pipeline-utils/aws";
import { readAll } from "../../../src/aws/artefacts/get/body.js";
import { ordersTable, rowsOf } from "../../support/tables.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const refDatetime = new Date("2021-07-03T23:05:32Z");
const key = "datasets/time_to_dispatch_2021-07-03T23:05:32.csv";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const putOptions = (bucket: string) => ({
  filenamePrefix: "time_to_dispatch",
  refDatetime,
  bucket,
  folder: "datasets",
  client: s3.client,
});

describe("datasets on S3", () => {
  test("returns a CSV dataset that was put as the latest", async () => {
    const bucket = await s3.bucket();
    await putPlain(s3.client, bucket, "datasets/time_to_dispatch_2021-07-02.csv", "a\n1\n");
    const artefact = await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    expect(dataset).toMatchObject({ datetime: refDatetime, bucket, key, hash: artefact.etag });
    expect(rowsOf(dataset.data)).toEqual(rowsOf(ordersTable()));
    expect(Object.isFrozen(dataset)).toBe(true);
  });

  test("writes a table of another copy of apache-arrow", async () => {
    const bucket = await s3.bucket();
    const copy: unknown = createRequire(import.meta.url)("apache-arrow");
    const { tableFromIPC } = copy as typeof import("apache-arrow");
    const table = tableFromIPC(tableToIPC(ordersTable()));
    expect(table.schema.fields[0]?.type).not.toBeInstanceOf(DataType);
    await putCsvDatasetToS3(table, putOptions(bucket));
    await putParquetDatasetToS3(table, putOptions(bucket));
    for (const getLatest of [getLatestCsvDatasetFromS3, getLatestParquetDatasetFromS3]) {
      const { data } = await getLatest(bucket, { folder: "datasets", client: s3.client });
      expect(rowsOf(data)).toEqual(rowsOf(ordersTable()));
    }
  });

  test("rejects data that is not a table", async () => {
    for (const put of [putCsvDatasetToS3, putParquetDatasetToS3]) {
      const putAnything = async (data: unknown): Promise<unknown> => {
        const written: unknown = Reflect.apply(put, undefined, [data, putOptions("b")]);
        return written;
      };
      await expect(putAnything([{ a: 1 }])).rejects.toThrow(TypeError);
      await expect(putAnything("text")).rejects.toThrow("data is 'text', expected a Table of apache-arrow");
    }
  });

  test("rejects a table that the format cannot hold by its address, and writes nothing", async () => {
    const bucket = await s3.bucket();
    const lists = new Table({ l: vectorFromArray([[1]], new List(new Field("item", new Int32()))) });
    const put = putCsvDatasetToS3(lists, putOptions(bucket));
    await expect(put).rejects.toThrow(SerialisationError);
    await expect(put).rejects.toThrow(
      `s3://${bucket}/${key}: column "l" is of type List<Int32>, which has no form in CSV`,
    );
    const none = putParquetDatasetToS3(lists.select([]), putOptions(bucket));
    await expect(none).rejects.toThrow(/\.parquet: a table without columns has no form in Parquet$/);
    const search = findLatestArtefactOnS3("csv", bucket, { folder: "datasets", client: s3.client });
    await expect(search).rejects.toThrow(ArtefactNotFoundError);
  });

  test("returns a Parquet dataset that was put as the latest", async () => {
    const bucket = await s3.bucket();
    const artefact = await putParquetDatasetToS3(ordersTable(), putOptions(bucket));
    const dataset = await getLatestParquetDatasetFromS3(bucket, { folder: "datasets/", client: s3.client });
    expect(dataset).toMatchObject({ key: artefact.key, hash: artefact.etag });
    expect(rowsOf(dataset.data)).toEqual(rowsOf(ordersTable()));
  });

  test("rejects a second put under the same name", async () => {
    const bucket = await s3.bucket();
    await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    await expect(putCsvDatasetToS3(ordersTable(4), putOptions(bucket))).rejects.toThrow(ArtefactExistsError);
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    expect(dataset.data.numRows).toBe(3);
  });

  test("rejects a malformed dataset by its address and line", async () => {
    const bucket = await s3.bucket();
    await putPlain(s3.client, bucket, key, "a,b\n1,2\n1,2,3\n");
    const read = getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    await expect(read).rejects.toThrow(FormatError);
    await expect(read).rejects.toThrow(`s3://${bucket}/${key} line 3`);
  });

  test("rejects an empty folder", async () => {
    const bucket = await s3.bucket();
    const read = getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    await expect(read).rejects.toThrow(ArtefactNotFoundError);
    await expect(read).rejects.toThrow(`s3://${bucket}/datasets/: no timestamped .csv file`);
  });
});

describe("putCsvDatasetToS3 and putParquetDatasetToS3 in parts", () => {
  // Long random text: large, quickly written, and not made small by Parquet.
  const notes = vectorFromArray(
    Array.from({ length: 2_000 }, () => randomBytes(6_750).toString("base64")),
    new Utf8(),
  );
  const table = new Table({ note: notes });
  const ofMethod = (requests: readonly string[], method: string): string[] =>
    requests.filter((request) => request.startsWith(method));

  test.each([
    ["CSV", putCsvDatasetToS3],
    ["Parquet", putParquetDatasetToS3],
  ])("records the sha256 of %s, and sends an unchanged dataset once", async (_, put) => {
    const bucket = await s3.bucket();
    const { client, requests } = await s3.through(() => ({ kind: "pass" }));
    const totals = new Set<number | undefined>();
    const options = { ...putOptions(bucket), client };
    const artefact = await put(table, { ...options, onProgress: ({ bytesTotal }) => totals.add(bytesTotal) });
    expect(artefact.etag).toMatch(/-\d$/);
    const bytes = await readAll(await artefact.get());
    expect([...totals]).toEqual([bytes.length]);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: artefact.key }));
    expect(head.Metadata?.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));

    const puts = ofMethod(requests, "P").length;
    const later = { ...options, refDatetime: new Date("2021-07-04"), skipUnchanged: true };
    expect((await put(table, later)).key).toBe(artefact.key);
    expect((await put(table, { ...options, skipUnchanged: true })).etag).toBe(artefact.etag);
    expect(ofMethod(requests, "P")).toHaveLength(puts);
  });

  test("rejects a missing bucket or a taken key before it hashes", async () => {
    const { client, endpoint, requests } = await s3.through(() => ({ kind: "pass" }));
    const missing = putCsvDatasetToS3(table, { ...putOptions("no-such-bucket-here"), client });
    await expect(missing).rejects.toThrow(S3AccessError);
    await expect(missing).rejects.toThrow(
      `s3://no-such-bucket-here/${key} at ${endpoint}: the bucket does not exist`,
    );
    const bucket = await s3.bucket();
    await putPlain(s3.client, bucket, key);
    await expect(putCsvDatasetToS3(table, { ...putOptions(bucket), client })).rejects.toThrow(
      ArtefactExistsError,
    );
    // Told by three questions, before there is anything to send.
    expect(requests.map((request) => request.split(" ")[0])).toEqual(["HEAD", "HEAD", "HEAD"]);
  });

  test("writes nothing when the data changes between its hash and its bytes", async () => {
    const bucket = await s3.bucket();
    const { client, requests } = await s3.through(({ url }) => {
      // The last letter of all, after the first reading: the latest dataset is listed to compare its hash.
      if (url.includes("list-type")) {
        notes.data[0]?.values.fill("_".charCodeAt(0), -1);
      }
      return { kind: "pass" };
    });
    const put = putCsvDatasetToS3(table, { ...putOptions(bucket), client, skipUnchanged: true });
    await expect(put).rejects.toThrow(
      "/time_to_dispatch_2021-07-03T23:05:32.csv: the data changed while they were written",
    );
    await expect(put).rejects.toThrow(SerialisationError);
    expect(ofMethod(requests, "DELETE")).toHaveLength(1);
    const search = findLatestArtefactOnS3("csv", bucket, { recursive: true, client });
    await expect(search).rejects.toThrow(ArtefactNotFoundError);
  });
});

describe("getLatestCsvDatasetFromS3 during a replacement", () => {
  /** The latest through a proxy that replaces the object before each of the first reads, so many times. */
  async function readWhileReplaced(times: number): Promise<number> {
    const bucket = await s3.bucket();
    await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    let reads = 0;
    const { client } = await s3.through(async ({ method, url }) => {
      if (method === "GET" && !url.includes("list-type") && reads < times) {
        reads += 1;
        await putCsvDatasetToS3(ordersTable(3 + reads), { ...putOptions(bucket), overwrite: true });
      }
      return { kind: "pass" };
    });
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client });
    return dataset.data.numRows;
  }

  test("reads again when a dataset is replaced before it is read", async () => {
    expect(await readWhileReplaced(1)).toBe(4);
  });

  test("rejects a dataset that is replaced twice", async () => {
    await expect(readWhileReplaced(2)).rejects.toThrow(ArtefactChangedError);
  });

  test("reads a damaged answer once more, and reports no fault of the format", async () => {
    const bucket = await s3.bucket();
    await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    let reads = 0;
    let damaged = 1;
    const { client } = await s3.through(({ method, url }) => {
      if (method !== "GET" || url.includes("list-type")) {
        return { kind: "pass" };
      }
      reads += 1;
      if (reads > damaged) {
        return { kind: "pass" };
      }
      return { kind: "change-body", change: (body) => Buffer.from(body.toString().replace(/\n/, '"\n')) };
    });
    expect((await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client })).data.numRows).toBe(3);
    damaged = 99;
    await expect(getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client })).rejects.toThrow(
      ArtefactChangedError,
    );
  });
});

test("reads a dataset that another program put without metadata", async () => {
  const bucket = await s3.bucket();
  await s3.client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key.replaceAll(":", "|"), Body: "a\n1\n" }),
  );
  const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
  expect(rowsOf(dataset.data)).toEqual([{ a: 1 }]);
});
