import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { uriEncodePath } from "../src/http/request.js";
import type { RawRequest } from "./support/raw-request.js";
import { send, sendBytes, sign } from "./support/raw-request.js";
import { RawServer, signed } from "./support/raw-server.js";

let server: RawServer;
beforeAll(async () => {
  server = await RawServer.start();
});
afterAll(() => server.stop());

describe("the server under hostile requests", () => {
  const post = (query: [string, string], body: string | Buffer, key = ""): RawRequest => {
    const request = server.put(body);
    request.method = "POST";
    request.path = `/bucket${key}`;
    request.query.push(query);
    return signed(request);
  };

  test("returns MalformedXML for a deletion with invalid XML", async () => {
    for (const body of [
      "not xml",
      "<Delete></Delete>",
      "<Delete><Object></Object></Delete>",
      "<Other><Object><Key>k</Key></Object></Other>",
      '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
      `<Delete>${"<Object><Key>k</Key></Object>".repeat(1001)}</Delete>`,
      Buffer.from([0xff, 0xfe, 0x00]),
    ]) {
      expect(await server.outcome(post(["delete", ""], body))).toBe("400 MalformedXML");
    }
    expect(await server.outcome(post(["delete", ""], ""))).toBe("400 MissingRequestBodyError");
  });

  test("returns MalformedXML for a bucket with an invalid configuration, and creates none", async () => {
    for (const body of ["not xml", "<Other/>"]) {
      const create = server.put(body);
      create.path = "/malformed";
      expect(await server.outcome(signed(create))).toBe("400 MalformedXML");
    }
    const read = server.put("");
    read.method = "GET";
    read.path = "/malformed";
    expect(await server.outcome(signed(read))).toBe("404 NoSuchBucket");
  });

  test("returns MalformedXML for a completion with invalid XML", async () => {
    const begin = post(["uploads", ""], "", "/upload");
    const uploadId = /<UploadId>(.*)<\/UploadId>/.exec((await send(server.port, begin)).body)![1]!;
    for (const body of [
      "<CompleteMultipartUpload></CompleteMultipartUpload>",
      "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
      "<CompleteMultipartUpload><Part><PartNumber>1e999</PartNumber></Part></CompleteMultipartUpload>",
    ]) {
      expect(await server.outcome(post(["uploadId", uploadId], body, "/upload"))).toBe("400 MalformedXML");
    }
    const unknown =
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>";
    expect(await server.outcome(post(["uploadId", uploadId], unknown, "/upload"))).toBe("400 InvalidPart");
  });

  test("rejects XML of more than 8 MiB", async () => {
    const body = `<Delete>${" ".repeat(8 * 1024 * 1024)}</Delete>`;
    expect(await server.outcome(post(["delete", ""], body))).toBe("400 MaxMessageLengthExceeded");
  });

  test("returns InvalidURI for an invalid path, and treats `..` as part of a key", async () => {
    for (const [requestPath, expected] of [
      ["/bucket/%ff", "400 InvalidURI"],
      ["/bucket/%", "400 InvalidURI"],
      ["http://elsewhere/bucket/k", "400 InvalidURI"],
      ["/bucket/../../../../etc/passwd", "404 NoSuchKey"],
      ["/bucket/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "404 NoSuchKey"],
      ["/..%2fbucket/k", "404 NoSuchBucket"],
      ["/__proto__/constructor", "404 NoSuchBucket"],
    ] as const) {
      const request = server.put("");
      request.method = "GET";
      request.path = requestPath;
      if (expected !== "400 InvalidURI") {
        sign(request);
      }
      expect([requestPath, await server.outcome(request)]).toEqual([requestPath, expected]);
    }
  });

  test("returns an S3 error to malformed HTTP", async () => {
    expect(await sendBytes(server.port, "\x16\x03\x01 hello\r\n\r\n")).toMatchObject({
      status: 400,
      code: "BadRequest",
    });
    const headers = `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(100_000)}\r\n\r\n`;
    expect(await sendBytes(server.port, headers)).toMatchObject({
      status: 431,
      code: "RequestHeaderSectionTooLarge",
    });
  });

  test("returns NotImplemented for methods and parameters that are not implemented", async () => {
    const request = server.put();
    request.method = "PATCH";
    sign(request);
    expect(await server.outcome(request)).toBe("405 MethodNotAllowed");
    expect(await server.outcome(post(["policy", ""], "{}"))).toBe("501 NotImplemented");
    const locked = server.put();
    locked.headers["x-amz-object-lock-mode"] = "COMPLIANCE";
    sign(locked);
    expect(await server.outcome(locked)).toBe("501 NotImplemented");
    const presigned = server.put();
    presigned.query.push(["X-Amz-Signature", "0"]);
    expect(await server.outcome(presigned)).toBe("400 AuthorizationQueryParametersError");
  });

  test("answers other requests afterwards", async () => {
    expect(await server.outcome(signed(server.put("alive", "alive")))).toBe("200");
    expect(await server.stored("alive")).toBe("alive");
  });
});

test("answers every signed request", async () => {
  const text = fc.string({ unit: "binary", maxLength: 12 });
  const query = fc.array(
    fc.tuple(
      fc.constantFrom(
        ...[
          "uploads",
          "uploadId",
          "versions",
          "versionId",
          "list-type",
          "max-keys",
          "key-marker",
          "delete",
          "prefix",
        ],
        ...[
          "delimiter",
          "continuation-token",
          "encoding-type",
          "partNumber",
          "response-expires",
          "versioning",
        ],
      ),
      fc.oneof(text, fc.constantFrom("1", "-1", "1e9", "url", "null", "\n", "ü")),
    ),
    { maxLength: 4 },
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      ...["range", "if-match", "if-none-match", "if-modified-since", "content-md5", "x-amz-copy-source"],
      ...["x-amz-checksum-crc32", "x-amz-trailer", "x-amz-checksum-mode", "x-amz-meta-a", "content-type"],
    ),
    fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
    { maxKeys: 4 },
  );
  const method = fc.constantFrom("GET", "HEAD", "PUT", "POST", "DELETE");
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.boolean(),
      text,
      query,
      headers,
      text,
      async (verb, atKey, key, asked, more, body) => {
        const request = server.put(body);
        request.method = verb;
        request.path = atKey ? `/bucket/${uriEncodePath(key)}` : "/bucket";
        request.query.push(...asked);
        Object.assign(request.headers, more);
        const answer = await send(server.port, signed(request));
        expect([200, 204, 206, 304, 400, 404, 405, 409, 412, 416, 501]).toContain(answer.status);
        expect(answer.code).not.toBe("SignatureDoesNotMatch");
        if (verb === "DELETE" && !atKey) {
          await send(server.port, signed({ ...server.put(""), path: "/bucket" }));
        }
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});
