import { createHash, randomBytes } from "node:crypto";
import { inspect } from "node:util";

import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { tableFromArrays } from "apache-arrow";

import {
  findLatestArtefactOnS3,
  getDatasetFromS3,
  getLatestCsvDatasetFromS3,
  getLatestModelFromS3,
  getModelFromS3,
  listArtefacts,
  Model,
  putCsvDatasetToS3,
  putObjectToS3,
  S3AccessError,
  verifyModel,
} from "@ml-pipelines/pipeline-utils/aws";
import type { RetryEvent, VerifiedBody } from "@ml-pipelines/pipeline-utils/aws";
import { faultOn, faultOnFirst } from "@ml-pipelines/test-support/fault-proxy";
import type { ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { readAll } from "../../../src/aws/artefacts/get/body.js";
import { constant, properties } from "../../support/constant-model.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { FaultyS3, TestS3 } from "../../support/test-s3.js";

const filename = "sales_2021-07-03T23:05:32.csv";
const small = Buffer.from("a,b\n1,2\n");
const large = Buffer.alloc(9 * 1024 * 1024, "x");

const key = randomBytes(32);
const CUSTOMER_KEY = {
  "x-amz-server-side-encryption-customer-algorithm": "AES256",
  "x-amz-server-side-encryption-customer-key": key.toString("base64"),
  "x-amz-server-side-encryption-customer-key-md5": createHash("md5").update(key).digest("base64"),
};

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** Comparing 9 MiB by `toEqual` takes a minute. */
async function sameBytes(body: Promise<VerifiedBody>, expected: Uint8Array): Promise<boolean> {
  return Buffer.compare(await readAll(await body), expected) === 0;
}

/** A client, and for each of its requests the operation and the names of the given headers that it had. */
async function recorded(
  names: readonly string[],
): Promise<FaultyS3 & { operations: Record<string, string[]> }> {
  const operations: Record<string, string[]> = {};
  const proxied = await s3.through(({ method, url, headers }) => {
    const [path = "", query = ""] = url.split("?");
    const subresource = ["uploads", "partNumber", "uploadId", "list-type"].find((each) =>
      query.includes(each),
    );
    const claim = path.endsWith(".claim") ? " claim" : "";
    const operation = `${method}${claim}${subresource === undefined ? "" : `?${subresource}`}`;
    operations[operation] = names.filter((name) => headers[name] !== undefined);
    return { kind: "pass" };
  });
  return { ...proxied, operations };
}

describe("a put with headers of a new object", () => {
  // radosgw knows no storage class but STANDARD, and encrypts by a key management service only.
  const isLocalS3 = process.env.S3_TEST_ENDPOINT === undefined;
  const headers: Record<string, string> = {
    "x-amz-tagging": "team=ml&stage=train",
    "x-amz-storage-class": isLocalS3 ? "STANDARD_IA" : "STANDARD",
    ...(isLocalS3 ? { "x-amz-server-side-encryption": "AES256" } : {}),
  };
  const names = Object.keys(headers);

  test.each([
    ["in one request", small],
    ["in parts", large],
  ])("writes them %s", async (_, bytes) => {
    const bucket = await s3.bucket();
    await putObjectToS3(bytes, { bucket, filename, client: s3.client, headers });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: filename }));
    if (isLocalS3) {
      expect(head).toMatchObject({ StorageClass: "STANDARD_IA", ServerSideEncryption: "AES256" });
    }
    // radosgw ignores the tags of a multipart upload.
    if (isLocalS3 || bytes === small) {
      expect(head.TagCount).toBe(2);
    }
  });

  test("sends them with the requests that create an object, and with no other", async () => {
    const bucket = await s3.bucket();
    const { client, operations } = await recorded(names);
    await putObjectToS3(large, { bucket, filename, client, headers });
    expect(operations).toEqual({
      HEAD: [],
      "POST?uploads": names,
      "PUT?partNumber": [],
      "PUT claim": names,
      "POST?uploadId": [],
      "DELETE claim": [],
    });
  });
});

test("sends the header of a requester who pays with each request", async () => {
  const bucket = await s3.bucket();
  const name = "x-amz-request-payer";
  const headers = { [name]: "requester" };
  const { client, operations } = await recorded([name]);
  const options = { client, headers };
  await putObjectToS3(large, { bucket, folder: "large", filename, ...options });
  const orders = tableFromArrays({ orders_placed: Int32Array.of(100) });
  const refDatetime = new Date("2021-07-03T23:05:32Z");
  await putCsvDatasetToS3(orders, { bucket, filenamePrefix: "orders", refDatetime, ...options });
  await getLatestCsvDatasetFromS3(bucket, options);
  expect(Object.keys(operations).length).toBeGreaterThanOrEqual(9);
  for (const given of Object.values(operations)) {
    expect(given).toEqual([name]);
  }
});

describe("a call with a customer's key", () => {
  test.each([
    ["in one request", small],
    ["in parts", large],
  ])("encrypts and decrypts an object that is written %s", async (_, bytes) => {
    const bucket = await s3.bucket();
    const written = await putObjectToS3(bytes, {
      bucket,
      filename,
      client: s3.client,
      headers: CUSTOMER_KEY,
    });
    expect(await sameBytes(written.get(), bytes)).toBe(true);
    const options = { client: s3.client, headers: CUSTOMER_KEY };
    const found = await findLatestArtefactOnS3("csv", bucket, options);
    expect(await sameBytes(found.get(), bytes)).toBe(true);
    for await (const listed of listArtefacts("csv", bucket, { client: s3.client })) {
      await expect(listed.get()).rejects.toThrow(S3AccessError);
      await expect(listed.get()).rejects.toThrow("give the headers of that key by the option headers");
      expect(await sameBytes(listed.get({ headers: CUSTOMER_KEY }), bytes)).toBe(true);
    }
  });

  test("sends it with each request for the object, the rest of a broken body too", async () => {
    const bucket = await s3.bucket();
    const names = Object.keys(CUSTOMER_KEY);
    const { client, operations } = await recorded(names);
    await putObjectToS3(large, { bucket, filename, client, headers: CUSTOMER_KEY });
    expect(operations).toEqual({
      HEAD: names,
      "POST?uploads": names,
      "PUT?partNumber": names,
      "PUT claim": names,
      "POST?uploadId": names,
      "DELETE claim": [],
    });
    const isGet = ({ method, url }: ProxiedRequest): boolean =>
      method === "GET" && !url.includes("list-type");
    const cut = await s3.through(faultOnFirst(isGet, () => ({ kind: "cut-body", after: 1_000_000 })));
    const found = await findLatestArtefactOnS3("csv", bucket, { client: cut.client, headers: CUSTOMER_KEY });
    expect(await sameBytes(found.get(), large)).toBe(true);
  });

  test("skips unchanged content, and replaces by ifMatch", async () => {
    const bucket = await s3.bucket();
    const options = { bucket, filename, client: s3.client, headers: CUSTOMER_KEY };
    const first = await putObjectToS3(small, options);
    const same = { ...options, filename: "sales_2021-07-04.csv", skipUnchanged: true };
    expect((await putObjectToS3(small, same)).key).toBe(first.key);
    const second = await putObjectToS3(large, { ...options, ifMatch: first.etag });
    expect(await sameBytes(second.get(), large)).toBe(true);
  });

  test("reads datasets and models", async () => {
    const bucket = await s3.bucket();
    const options = { client: s3.client, headers: CUSTOMER_KEY };
    const orders = tableFromArrays({ orders_placed: Int32Array.of(100, 150) });
    const refDatetime = new Date("2021-07-03T23:05:32Z");
    const put = { bucket, filenamePrefix: "orders", refDatetime, ...options };
    const { key: csv } = await putCsvDatasetToS3(orders, put);
    const dataset = await getDatasetFromS3({ bucket, key: csv }, options);
    expect(dataset.data.numRows).toBe(2);
    const model = new Model({ ...properties, trainDataset: dataset });
    const artefact = await model.putModelToS3({ bucket, ...options });
    const latest = await getLatestModelFromS3(constant, bucket, options);
    expect(latest.equals(model)).toBe(true);
    expect((await getModelFromS3(constant, bucket, artefact.key, options)).equals(model)).toBe(true);
    expect((await verifyModel(bucket, artefact.key, options)).ok).toBe(true);
  });

  test("shows it in no error and no report of a retry", async () => {
    const bucket = await s3.bucket();
    const retries: RetryEvent[] = [];
    const secret = CUSTOMER_KEY["x-amz-server-side-encryption-customer-key"];
    // S3 repeats the signed request in its answer to a wrong signature.
    const hex = Buffer.from(secret).toString("hex");
    const spaced = Buffer.from(secret).toString("hex").toUpperCase().replaceAll(/../g, "$& ").trim();
    const answer = (status: number): { kind: "answer"; status: number; body: string } => ({
      kind: "answer",
      status,
      body:
        `<Error><Code>SignatureDoesNotMatch</Code><Message>not ${secret}</Message>` +
        `<Detail>${hex}</Detail><Details><Detail>${secret}</Detail><Detail>${spaced}</Detail></Details>` +
        `<CanonicalRequest>customer-key:${secret}</CanonicalRequest><StringToSign>${secret}</StringToSign>` +
        `<CanonicalRequestBytes>${spaced}</CanonicalRequestBytes>` +
        `<StringToSignBytes>${spaced}</StringToSignBytes></Error>`,
    });
    const { client } = await s3.through(
      faultOn(
        ({ method }) => method === "PUT",
        (count) => answer(count === 1 ? 503 : 403),
      ),
      { onRetry: (event) => retries.push(event) },
    );
    const error: unknown = await putObjectToS3(small, {
      bucket,
      filename,
      client,
      headers: CUSTOMER_KEY,
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(S3AccessError);
    expect(retries).toHaveLength(1);
    for (const told of [error, retries]) {
      const shown = inspect(told, { depth: null, showHidden: true, maxStringLength: null }) + String(told);
      expect(shown).toContain("not …");
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(hex);
      expect(shown).not.toContain(spaced);
      expect(shown).not.toMatch(/CanonicalRequest|StringToSign|\$response/);
    }
  });
});

describe("headers that are not allowed", () => {
  test.each<[string, unknown, string]>([
    ["an unknown header", { "x-amz-acl": "secret" }, 'header "x-amz-acl" is unknown, expected x-amz-server'],
    ["a name in upper case", { "X-Amz-Tagging": "secret" }, 'header "X-Amz-Tagging" is unknown'],
    ["a value that is no text", { "x-amz-tagging": ["secret"] }, "header x-amz-tagging is of type object"],
    ["a value with a line break", { "x-amz-tagging": "secret\n" }, "header x-amz-tagging is of type string"],
    ["no object", "secret", "headers is of type string, expected an object such as"],
    [
      "a part of a customer's key",
      { "x-amz-server-side-encryption-customer-key": "secret" },
      "header x-amz-server-side-encryption-customer-algorithm, x-amz-server-side-encryption-customer-key-md5 is missing",
    ],
  ])("rejects %s, and shows no value", async (_, headers, message) => {
    const given = { bucket: "b-b", filename, client: s3.client, headers: headers as Record<string, string> };
    const put = putObjectToS3(small, given);
    await expect(put).rejects.toThrow(TypeError);
    await expect(put).rejects.toThrow(message);
    await expect(put).rejects.not.toThrow("secret");
  });
});
