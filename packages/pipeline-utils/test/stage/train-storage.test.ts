import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { startFaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import { runChild } from "@ml-pipelines/test-support/run-child";
import type { Run } from "@ml-pipelines/test-support/run-child";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";
import { bucketWith, DISPATCH_CSV, DISPATCH_DATASET } from "../support/train-bucket.js";
import { environmentOf, keysBelow } from "@ml-pipelines/test-support/test-storage";

const PROGRAM = fileURLToPath(new URL("fixtures/dispatch-stage.mjs", import.meta.url));

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
});
afterAll(() => s3.stop());

const train = (name: string, environment: Record<string, string> = {}): Promise<Run> =>
  runChild(PROGRAM, [name, "0.8", "0.9"], { env: { ...environmentOf(s3), ...environment } });

describe("a train stage whose storage fails", () => {
  test.each([
    ["a missing bucket", "there-is-no-such-bucket", {}, 2, "NoSuchBucket"],
    ["a wrong secret key", undefined, { AWS_SECRET_ACCESS_KEY: "wrong" }, 2, "SignatureDoesNotMatch"],
    ["an unknown access key", undefined, { AWS_ACCESS_KEY_ID: "nobody" }, 2, "InvalidAccessKeyId"],
    [
      "no credentials",
      undefined,
      { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" },
      2,
      "credentials",
    ],
    ["a server that is down", undefined, { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" }, 1, "127.0.0.1:9"],
  ])("ends in one line after %s", async (_, name = bucket, environment, code, message) => {
    const run = await train(name, environment);
    const errors = run.stdout.split("\n").filter((line) => line.includes(" - ERROR - "));
    expect(errors).toEqual([expect.stringContaining(`s3://${name}`)]);
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(run.stdout).not.toMatch(/^ +at /m);
    expect(run.code).toBe(code);
    expect(await keysBelow(s3.client, bucket, "models/")).toEqual([]);
  });
});

test("ends at SIGTERM while it waits for storage", async () => {
  const hanging = createServer().listen(0, "127.0.0.1");
  await once(hanging, "listening");
  const address = hanging.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const asked = once(hanging, "connection");
  const { code, stdout } = await runChild(PROGRAM, ["a-bucket", "0.8", "0.9"], {
    env: { ...environmentOf(s3), AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` },
    onOutput: (text, child) => text.includes("Starting") && void asked.then(() => child.kill("SIGTERM")),
  });
  hanging.close();
  expect(stdout).toContain("Error encountered when training model - stopped by SIGTERM\n");
  expect(code).toBe(1);
});

test("warns when the model card cannot be written, and keeps the model", async () => {
  const own = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
  const proxy = await startFaultProxy(s3.endpoint, ({ method, url }) =>
    method === "PUT" && url.includes("/reports/") ? { kind: "answer", status: 403 } : { kind: "pass" },
  );
  const { code, stdout } = await train(own, { AWS_ENDPOINT_URL_S3: proxy.endpoint });
  await proxy.stop();
  expect(stdout).toMatch(
    / - WARNING - train_dispatch\.main - No model card was written: s3:.*\/reports\/dispatch_/,
  );
  expect(code).toBe(0);
  expect(await keysBelow(s3.client, own, "models/")).toHaveLength(1);
  expect(await keysBelow(s3.client, own, "reports/")).toEqual([]);
});

test("logs every retry, down to the last request", async () => {
  const failed = new Set<string>();
  // The first request of each method fails: the listing, and the writing of the model.
  const proxy = await startFaultProxy(s3.endpoint, ({ method }) => {
    if (failed.has(method)) {
      return { kind: "pass" };
    }
    failed.add(method);
    return { kind: "answer", status: 503 };
  });
  const { code, stdout } = await train(bucket, { AWS_ENDPOINT_URL_S3: proxy.endpoint });
  await proxy.stop();
  expect(failed).toContain("PUT");
  const warnings = stdout.match(/ - WARNING - train_dispatch\.main - S3 attempt 1 failed.*503/g);
  expect(warnings).toHaveLength(failed.size);
  expect(code).toBe(0);
  expect(await keysBelow(s3.client, bucket, "models/")).toHaveLength(1);
});

describe("a train stage with --on-failure", () => {
  /** A receiver that answers with a status; undefined: it closes the connection. */
  async function receive(status: number | undefined, run: (url: string) => Promise<Run>) {
    const posts: { authorization: string | undefined; body: string }[] = [];
    const server = createHttpServer((request, response) => {
      void text(request).then((body) => {
        posts.push({ authorization: request.headers.authorization, body });
        if (status === undefined) {
          request.socket.destroy();
        } else {
          response.writeHead(status).end();
        }
      });
    }).listen(0, "127.0.0.1");
    try {
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      return { posts, ended: await run(`http://user:pass%20word@127.0.0.1:${port}/secret-path`) };
    } finally {
      server.close();
    }
  }

  const failing = (url: string) =>
    runChild(PROGRAM, [bucket, "0.9999", "0.9999", "--on-failure", url], { env: environmentOf(s3) });

  test("posts one line of JSON, and shows nothing of the URL", async () => {
    const { posts, ended } = await receive(204, failing);
    expect(ended.code).toBe(2);
    expect(posts).toHaveLength(1);
    expect(posts[0]?.authorization).toBe(`Basic ${Buffer.from("user:pass word").toString("base64")}`);
    expect(posts[0]?.body).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(posts[0]?.body ?? "")).toEqual({
      stage: "dispatch-train",
      exitCode: 2,
      message: expect.stringContaining("Error encountered when training model - "),
      dataset: `s3://${bucket}/${DISPATCH_DATASET}`,
    });
    expect(ended.stdout + ended.stderr).not.toMatch(/secret-path|pass/);
  });

  test("warns of a password that cannot be decoded, with the same exit code", async () => {
    const { posts, ended } = await receive(204, (url) => failing(url.replace("%20", "%")));
    expect(posts).toEqual([]);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain(" - WARNING - train_dispatch.main - Could not post the failure: ");
    expect(ended.stdout + ended.stderr).not.toMatch(/secret-path|pass/);
  });

  test.each([
    [500, "HTTP status 500"],
    [undefined, "UND_ERR_SOCKET"],
  ])("warns if the receiver answers %s, with the same exit code", async (status, reason) => {
    const { ended } = await receive(status, failing);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain(
      ` - WARNING - train_dispatch.main - Could not post the failure: ${reason}\n`,
    );
    expect(ended.stdout + ended.stderr).not.toMatch(/secret-path|pass/);
  });

  test("rejects another kind of URL without showing it", async () => {
    const run = await train(bucket, { ON_FAILURE_URL: "ftp://host/secret-path" });
    expect(run.code).toBe(2);
    expect(run.stdout).toContain("ON_FAILURE_URL is not valid, expected an http or https URL");
    expect(run.stdout).not.toContain("secret-path");
  });
});
