import { createHmac } from "node:crypto";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, expect } from "@jest/globals";
import { conformance } from "../support/conformance.js";

/** The SDK's signer presigns too, which the type of the client's settings does not say. */
interface Presigner {
  presign(request: object, options: object): Promise<{ path: string; query: Record<string, string> }>;
}

await conformance("presigned URLs", ({ client, endpoint, newBucket }, check) => {
  let Bucket = "";
  beforeAll(async () => {
    Bucket = await newBucket();
    await client.send(new PutObjectCommand({ Bucket, Key: "typed", Body: "1" }));
  });

  /** A URL that the SDK's own signer signs. */
  async function presign(
    method: string,
    key: string,
    { expiresIn = 60, signingDate = new Date(), query = {} } = {},
  ): Promise<string> {
    const { hostname, port, protocol, host } = new URL(endpoint);
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
    return `${endpoint}${signed.path}?${parameters.toString().replaceAll("+", "%20")}`;
  }

  /** A URL with the older signature, as boto3 and s3cmd make it. `query` has parameters that stand for headers. */
  async function presignV2(
    method: string,
    key: string,
    { expires = Math.floor(Date.now() / 1_000) + 60, query = {}, resource = "" } = {},
  ): Promise<string> {
    const { accessKeyId, secretAccessKey } = await client.config.credentials();
    const headers: Record<string, string> = query;
    const amzHeaders = Object.keys(headers)
      .filter((name) => name.startsWith("x-amz-"))
      .sort()
      .map((name) => `${name}:${headers[name] ?? ""}\n`);
    const path = `/${Bucket}/${key}`;
    const lines = [
      method,
      "",
      headers["content-type"] ?? "",
      expires,
      `${amzHeaders.join("")}${path}${resource}`,
    ];
    const Signature = createHmac("sha1", secretAccessKey).update(lines.join("\n")).digest("base64");
    const signed = { ...headers, AWSAccessKeyId: accessKeyId, Expires: String(expires), Signature };
    const parameters = `${resource.slice(1)}&${new URLSearchParams(signed).toString()}`;
    return `${endpoint}${path}?${parameters.replace(/^&/, "")}`;
  }

  /** The status of a response, and the code of its error. */
  async function outcome(url: string): Promise<string> {
    const response = await fetch(url);
    const code = /<Code>(\w+)</.exec(await response.text())?.[1] ?? "";
    return `${response.status} ${code}`.trim();
  }

  check("reads and writes an object by a URL alone", async () => {
    const put = await fetch(await presign("PUT", "a%20b.txt"), { method: "PUT", body: "content" });
    expect(put.status).toBe(200);
    const got = await fetch(await presign("GET", "a%20b.txt"));
    expect([got.status, await got.text()]).toEqual([200, "content"]);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a b.txt" }));
    expect(await Body?.transformToString()).toBe("content");
  });

  check("takes further parameters of the operation from the URL", async () => {
    const query = { "response-content-type": "text/plain", "x-id": "GetObject" };
    const got = await fetch(await presign("GET", "typed", { query }));
    expect(got.headers.get("content-type")).toBe("text/plain");
  });

  check("rejects a URL that was signed for another method or key", async () => {
    expect(await outcome(await presign("PUT", "typed"))).toBe("403 SignatureDoesNotMatch");
    const url = await presign("GET", "typed");
    expect(await outcome(url.replace("typed", "other"))).toBe("403 SignatureDoesNotMatch");
  });

  check("rejects an expired URL", async () => {
    const signingDate = new Date(Date.now() - 61_000);
    expect(await outcome(await presign("GET", "typed", { signingDate }))).toBe("403 AccessDenied");
  });

  check("rejects a URL of tomorrow", async () => {
    const signingDate = new Date(Date.now() + 86_400_000);
    expect(await outcome(await presign("GET", "typed", { signingDate }))).toBe("403 AccessDenied");
  });

  check("rejects a URL that is valid for more than seven days", async () => {
    const url = await presign("GET", "typed");
    expect(await outcome(url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"))).toBe(
      "400 AuthorizationQueryParametersError",
    );
  });

  check("reads an object by a URL with the older signature", async () => {
    const got = await fetch(await presignV2("GET", "typed", { resource: "?response-content-type=text/x" }));
    expect([got.status, got.headers.get("content-type"), await got.text()]).toEqual([200, "text/x", "1"]);
  });

  check("writes an object by a URL with the older signature", async () => {
    const query = { "x-amz-meta-note": "n", "content-type": "text/csv" };
    const url = await presignV2("PUT", "older", { query });
    const put = await fetch(url, { method: "PUT", body: "a", headers: { "content-type": "text/csv" } });
    expect(put.status).toBe(200);
    const { Metadata, ContentType } = await client.send(new GetObjectCommand({ Bucket, Key: "older" }));
    expect([Metadata, ContentType]).toEqual([{ note: "n" }, "text/csv"]);
  });

  check("rejects an older signature that has expired or is of another request", async () => {
    const url = await presignV2("GET", "typed");
    expect(await outcome(url.replace("typed", "other"))).toBe("403 SignatureDoesNotMatch");
    expect(await outcome(`${url}&x-amz-security-token=1`)).toMatch(/^403 /);
    expect(await outcome(url.replace("Expires=", "Expires=1"))).toBe("403 SignatureDoesNotMatch");
    const expired = await presignV2("GET", "typed", { expires: Math.floor(Date.now() / 1_000) - 1 });
    expect(await outcome(expired)).toBe("403 AccessDenied");
  });

  check("rejects a URL with a parameter of another feature", async () => {
    expect(await outcome(await presign("GET", "typed", { query: { torrent: "" } }))).toBe(
      "501 NotImplemented",
    );
  });
});
