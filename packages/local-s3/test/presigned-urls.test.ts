import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";

const Bucket = "presigned";
let storage: TestStorage;
let client: S3Client;
beforeAll(async () => {
  storage = await TestStorage.start([Bucket]);
  client = storage.client;
});
afterAll(() => storage.stop());

/** The SDK's signer presigns too, which the type of the client's settings does not say. */
interface Presigner {
  presign(request: object, options: object): Promise<{ path: string; query: Record<string, string> }>;
}

/** A URL that the SDK's own signer signs. */
async function presign(
  method: string,
  key: string,
  { expiresIn = 60, signingDate = new Date(), query = {} } = {},
): Promise<string> {
  const { hostname, port, protocol, host } = new URL(storage.endpoint);
  const signer = (await client.config.signer()) as unknown as Presigner;
  const request = {
    ...{ method, protocol, hostname, port: Number(port), path: `/${Bucket}/${key}`, query },
    headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  };
  const signed = await signer.presign(request, {
    expiresIn,
    signingDate,
    unsignableHeaders: new Set(["x-amz-content-sha256"]),
  });
  const parameters = new URLSearchParams(signed.query);
  return `${storage.endpoint}${signed.path}?${parameters.toString().replaceAll("+", "%20")}`;
}

test("reads and writes an object by a URL alone", async () => {
  const put = await fetch(await presign("PUT", "a%20b.txt"), { method: "PUT", body: "content" });
  expect(put.status).toBe(200);
  const got = await fetch(await presign("GET", "a%20b.txt"));
  expect([got.status, await got.text()]).toEqual([200, "content"]);
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a b.txt" }));
  expect(await Body?.transformToString()).toBe("content");
});

test("accepts further parameters of the operation", async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: "typed", Body: "1" }));
  const query = { "response-content-type": "text/plain", "x-id": "GetObject" };
  const got = await fetch(await presign("GET", "typed", { query }));
  expect(got.headers.get("content-type")).toBe("text/plain");
});

test.each([
  ["another method", async () => fetch(await presign("PUT", "typed")), "SignatureDoesNotMatch"],
  [
    "another key",
    async () => fetch((await presign("GET", "typed")).replace("typed", "other")),
    "SignatureDoesNotMatch",
  ],
  [
    "an expired URL",
    async () => fetch(await presign("GET", "typed", { signingDate: new Date(Date.now() - 61_000) })),
    "Request has expired",
  ],
  [
    "a URL of tomorrow",
    async () => fetch(await presign("GET", "typed", { signingDate: new Date(Date.now() + 86_400_000) })),
    "Request is not valid yet",
  ],
  [
    "more than seven days",
    async () => fetch((await presign("GET", "typed")).replace("X-Amz-Expires=60", "X-Amz-Expires=604801")),
    "X-Amz-Expires must be 1 to 604800 seconds",
  ],
  [
    "a feature that the server lacks",
    async () => fetch(await presign("GET", "typed", { query: { torrent: "" } })),
    "NotImplemented",
  ],
])("rejects %s", async (_name, send, reason) => {
  const response = await send();
  expect(response.ok).toBe(false);
  expect(await response.text()).toContain(reason);
});
