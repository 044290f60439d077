import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { probeServer, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import type { ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { keysBelow } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const precondition = { kind: "answer", status: 412, body: errorXml("PreconditionFailed") } as const;
const written = { kind: "answer", status: 200, headers: { etag: '"e"' } } as const;
const isQuoted = ({ headers }: ProxiedRequest): boolean => (headers["if-match"] ?? "").startsWith('"');

describe("probeServer", () => {
  test("passes the server, also for several probes at once, and leaves one object", async () => {
    const bucket = await s3.bucket();
    const probes = await Promise.all([1, 2, 3, 4].map(() => probeServer(bucket, { client: s3.client })));
    for (const probe of probes) {
      expect(probe).toEqual({
        server: s3.endpoint,
        createOnly: true,
        ifMatch: expect.stringMatching(/^(un)?quoted$/) as unknown,
      });
    }
    expect(await keysBelow(s3.client, bucket, "")).toEqual(["registry/probe.json"]);
  });

  test.each([
    [
      "takes ETags without quotes only",
      "unquoted",
      (request: ProxiedRequest) => (isQuoted(request) ? precondition : undefined),
    ],
    ["rejects every If-Match", "rejected", () => precondition],
    ["does not know If-Match", "rejected", () => ({ kind: "answer", status: 501 }) as const],
    ["ignores If-Match", "ignored", () => written],
    [
      "ignores If-Match without quotes, and rejects it in quotes",
      "ignored",
      (request: ProxiedRequest) => (isQuoted(request) ? precondition : written),
    ],
  ])("finds a server that %s", async (_, ifMatch, faultOf) => {
    const bucket = await s3.bucket();
    const { client } = await s3.through(async (request) => {
      const isHit = request.method === "PUT" && request.headers["if-match"] !== undefined;
      return (isHit ? faultOf(request) : undefined) ?? { kind: "pass" };
    });
    expect(await probeServer(bucket, { client })).toMatchObject({ createOnly: true, ifMatch });
  });

  test("finds a server that ignores If-None-Match", async () => {
    const bucket = await s3.bucket();
    const { client } = await s3.through(({ method, headers }) =>
      method === "PUT" && headers["if-none-match"] !== undefined ? written : { kind: "pass" },
    );
    expect(await probeServer(bucket, { client })).toMatchObject({ createOnly: false });
  });

  test("throws when the bucket is missing", async () => {
    await expect(probeServer("there-is-no-such-bucket", { client: s3.client })).rejects.toThrow(
      S3AccessError,
    );
  });
});
