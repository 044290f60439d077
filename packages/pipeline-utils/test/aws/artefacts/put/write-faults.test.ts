import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { putObjectToS3, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import { faultOnFirst } from "@ml-pipelines/test-support/fault-proxy";
import type { Decide } from "@ml-pipelines/test-support/fault-proxy";
import { startTestS3 } from "../../../support/test-s3.js";
import type { FaultyS3, TestS3 } from "../../../support/test-s3.js";

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
});
afterAll(() => s3.stop());

/** A client whose requests meet faults, and its requests. */
const through = (decide: Decide): Promise<FaultyS3> => s3.through(decide);

describe("a put to a faulty server", () => {
  test("recognises its own object when the answer is lost", async () => {
    let isLost = false;
    const { client, requests } = await through(({ method }) => {
      const isFirstPut = method === "PUT" && !isLost;
      isLost ||= isFirstPut;
      return { kind: isFirstPut ? "lose-answer" : "pass" };
    });
    const artefact = await putObjectToS3(Buffer.from("once"), {
      bucket,
      filename: "lost_2021-07-03.csv",
      client,
    });
    expect(requests.filter((request) => request.startsWith("PUT"))).toHaveLength(2);
    const there = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: artefact.key }));
    expect(await there.Body?.transformToString()).toBe("once");
  });

  test("recognises its own object in parts when the answer to the completion is lost", async () => {
    let lost = false;
    const { client } = await through(({ method, url }) => {
      const isFirstCompletion = method === "POST" && url.includes("uploadId=") && !lost;
      if (isFirstCompletion) {
        lost = true;
      }
      return { kind: isFirstCompletion ? "lose-answer" : "pass" };
    });
    const artefact = await putObjectToS3(Buffer.alloc(9 * 1024 * 1024), {
      bucket,
      filename: "parts_2021-07-03.csv",
      client,
    });
    expect(lost).toBe(true);
    expect(artefact.etag).toMatch(/-2$/);
  });

  test.each([
    ["in one request", 1000],
    ["in parts", 9 * 1024 * 1024],
  ])("requests the ETag %s when the answer has none", async (_, size) => {
    const { client, requests } = await through(({ method, url }) => {
      if (method === "PUT" && !url.includes("uploadId")) {
        return { kind: "drop-header", name: "etag" };
      }
      if (method !== "POST" || !url.includes("uploadId")) {
        return { kind: "pass" };
      }
      const change = (body: Buffer): Buffer =>
        Buffer.from(body.toString().replace(/<ETag>.*<\/ETag>/, "<ETag></ETag>"));
      return { kind: "change-body", change };
    });
    const options = { bucket, filename: `silent-${size}_2021-07-03.csv`, client };
    const { key, etag } = await putObjectToS3(Buffer.alloc(size), options);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head.ETag).toBe(`"${etag}"`);
    expect(requests.filter((request) => request.startsWith("HEAD"))).not.toHaveLength(0);
  });

  test.each([
    ["in one request", 1000, ""],
    ["in parts", 9 * 1024 * 1024, ", part \\d"],
  ])("rejects a server that gives no ETag %s", async (_, size, part) => {
    const { client } = await through(() => ({ kind: "drop-header", name: "etag" }));
    const put = putObjectToS3(Buffer.alloc(size), {
      bucket,
      filename: `mute-${size}_2021-07-03.csv`,
      client,
    });
    await expect(put).rejects.toThrow(
      new RegExp(`^s3://${bucket}/mute-${size}_2021-07-03.csv${part}: the server gives no ETag for it`),
    );
    await expect(put).rejects.toThrow(S3AccessError);
  });

  test.each([
    ["a small object", 1000],
    ["a large one", 9 * 1024 * 1024],
  ])("rejects a web server that accepts everything, with %s", async (_, size) => {
    const answers: [Record<string, string>, RegExp][] = [
      [{}, /gives no ETag for it, .*: is that an S3 server\?/],
      [
        { etag: 'W/"2-nOO9"' },
        /gives only a weak ETag for it \(W\/"2-nOO9"\), which many bytes can share, .*: is that an S3 server\?/,
      ],
    ];
    for (const [headers, message] of answers) {
      const { client } = await through(() => ({ kind: "answer", status: 200, body: "OK", headers }));
      const put = putObjectToS3(Buffer.alloc(size), { bucket, filename: "web_2021-07-03.csv", client });
      await expect(put).rejects.toThrow(S3AccessError);
      await expect(put).rejects.toThrow(message);
    }
  });

  test("sends a request again that is rejected although no object is at the key", async () => {
    const { client, requests } = await through(
      faultOnFirst(
        ({ method }) => method === "PUT",
        () => ({ kind: "answer", status: 412, body: errorXml("PreconditionFailed") }),
      ),
    );
    await putObjectToS3(Buffer.from("x"), { bucket, filename: "gone_2021-07-03.csv", client });
    expect(requests.filter((request) => request.startsWith("PUT"))).toHaveLength(2);
  });

  test("names a server that always rejects a request for a free key", async () => {
    const { client } = await through(({ method }) =>
      method === "PUT"
        ? { kind: "answer", status: 412, body: errorXml("PreconditionFailed") }
        : { kind: "pass" },
    );
    const put = putObjectToS3(Buffer.from("x"), { bucket, filename: "free_2021-07-03.csv", client });
    await expect(put).rejects.toThrow(S3AccessError);
    await expect(put).rejects.toThrow(
      /: the server rejects If-None-Match, and shows no object there: can it write on a condition\?$/,
    );
  });

  test("aborts the upload when a part is rejected", async () => {
    const { client, requests } = await through(({ url }) =>
      url.includes("partNumber=2")
        ? { kind: "answer", status: 403, body: errorXml("AccessDenied") }
        : { kind: "pass" },
    );
    const put = putObjectToS3(Buffer.alloc(9 * 1024 * 1024), {
      bucket,
      filename: "refused_2021-07-03.csv",
      client,
    });
    await expect(put).rejects.toThrow("access denied");
    expect(requests.at(-1)).toMatch(/^DELETE .*uploadId=/);
  });
});
