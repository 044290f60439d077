import { mkdtemp, readdir, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LocalS3, startLocalS3 } from "../src/start-local-s3.js";
import { uriEncodePath } from "../src/uri-encode.js";
import {
  amzDate,
  crc32Trailer,
  md5,
  type RawRequest,
  rawPut,
  send,
  sendBytes,
  sign,
  signChunks,
} from "./support/raw-request.js";

let directory = "";
let server: LocalS3;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "local-s3-"));
  server = await startLocalS3({ directory, buckets: ["bucket"] });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const host = (): string => `127.0.0.1:${server.port}`;
const put = (body = "hello", key = "k"): RawRequest => rawPut(host(), `/bucket/${key}`, body);
const crcOf = (text: string): readonly [string, string] => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return crc32Trailer(bytes);
};

/** What the bucket holds under a key, or the error's code. */
async function stored(key = "k"): Promise<string> {
  const request = put("", key);
  request.method = "GET";
  sign(request);
  const { status, body, code } = await send(server.port, request);
  return status === 200 ? body : (code ?? String(status));
}

async function outcome(request: RawRequest): Promise<string> {
  const { status, code } = await send(server.port, request);
  return `${status} ${code ?? ""}`.trim();
}

describe("a signed request", () => {
  test("is taken as signed", async () => {
    const request = put();
    sign(request);
    expect(await outcome(request)).toBe("200");
    expect(await stored()).toBe("hello");
  });

  const spoilt: readonly (readonly [what: string, spoil: (request: RawRequest) => void, expected: string])[] =
    [
      ["another body", (r) => (r.body = Buffer.from("HELLO")), "400 XAmzContentSHA256Mismatch"],
      ["another key", (r) => (r.path = "/bucket/other"), "403 SignatureDoesNotMatch"],
      ["another method", (r) => (r.method = "DELETE"), "403 SignatureDoesNotMatch"],
      ["another query", (r) => r.query.push(["versionId", "null"]), "403 SignatureDoesNotMatch"],
      ["another host", (r) => (r.headers.host = "elsewhere"), "403 SignatureDoesNotMatch"],
      ["metadata added", (r) => (r.headers["x-amz-meta-evil"] = "1"), "403 AccessDenied"],
      ["a shorter body", (r) => (r.headers["content-length"] = "3"), "403 SignatureDoesNotMatch"],
      ["no signature", (r) => delete r.headers.authorization, "403 AccessDenied"],
      [
        "a signature cut off",
        (r) => (r.headers.authorization = `${r.headers.authorization!}0`),
        "400 AuthorizationHeaderMalformed",
      ],
      [
        "another signature",
        (r) => (r.headers.authorization = r.headers.authorization!.replace(/.{8}$/, "00000000")),
        "403 SignatureDoesNotMatch",
      ],
    ];
  for (const [what, spoil, expected] of spoilt) {
    test(`with ${what} is refused: ${expected}`, async () => {
      const request = put("first", "spoilt");
      sign(request);
      await send(server.port, request);
      const second = put("hello", "spoilt");
      sign(second);
      spoil(second);
      expect(await outcome(second)).toBe(expected);
      expect(await stored("spoilt")).toBe("first");
      expect(await stored("other")).toBe("NoSuchKey");
    });
  }

  for (const minutes of [-16, 16, -1_000_000]) {
    test(`of a clock ${minutes} minutes off is refused`, async () => {
      const request = put();
      request.headers["x-amz-date"] = amzDate(new Date(Date.now() + minutes * 60_000));
      sign(request);
      expect(await outcome(request)).toBe("403 RequestTimeTooSkewed");
    });
  }

  test("of a date that is none is refused", async () => {
    for (const date of ["yesterday", "20211399T999999Z", ""]) {
      const request = put();
      request.headers["x-amz-date"] = date;
      sign(request);
      expect(await outcome(request)).toMatch(/^40[03] /);
    }
  });

  test("needs host and every x-amz- header to be signed", async () => {
    const request = put();
    sign(request, ["x-amz-content-sha256", "x-amz-date"]);
    expect(await outcome(request)).toBe("403 AccessDenied");
  });

  test("with an unsigned payload is taken, and its MD5 checked", async () => {
    const request = put();
    request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
    request.headers["content-md5"] = Buffer.from(md5("other"), "hex").toString("base64");
    sign(request);
    expect(await outcome(request)).toBe("400 BadDigest");
    request.headers["content-md5"] = Buffer.from(md5("hello"), "hex").toString("base64");
    delete request.headers.authorization;
    sign(request);
    expect(await outcome(request)).toBe("200");
  });

  test("with a content hash that is none is refused", async () => {
    const request = put();
    request.headers["x-amz-content-sha256"] = "constructor";
    sign(request);
    expect(await outcome(request)).toBe("400 InvalidArgument");
  });

  test("without a length is refused", async () => {
    const request = put();
    delete request.headers["content-length"];
    request.headers["transfer-encoding"] = "chunked";
    request.body = Buffer.from("5\r\nhello\r\n0\r\n\r\n");
    sign(request);
    expect(await outcome(request)).toBe("411 MissingContentLength");
  });

  test("of more than 5 GiB is refused before its body is read", async () => {
    const request = put();
    request.headers["content-length"] = String(5 * 1024 ** 3 + 1);
    request.headers.expect = "100-continue";
    request.body = Buffer.alloc(0);
    sign(request);
    expect(await outcome(request)).toBe("400 EntityTooLarge");
  });
});

describe("a body in signed chunks", () => {
  test("is taken as signed, with a trailer or without", async () => {
    for (const options of [{}, { trailer: crcOf("hello, world") }]) {
      const request = put();
      signChunks(request, ["hello, ", "world"], options);
      expect(await outcome(request)).toBe("200");
      expect(await stored()).toBe("hello, world");
    }
  });

  const spoilt: readonly (readonly [what: string, from: RegExp, to: string, expected: string])[] = [
    ["a byte changed", /world/, "World", "403 SignatureDoesNotMatch"],
    ["a signature changed", /(chunk-signature=)...(?=.*\r\nworld)/s, "$1000", "403 SignatureDoesNotMatch"],
    ["a signature left out", /;chunk-signature=\w+(?=\r\nworld)/, "", "403 SignatureDoesNotMatch"],
    ["its chunks swapped", /(.*?hello, \r\n)(.*?world\r\n)/s, "$2$1", "403 SignatureDoesNotMatch"],
    ["a chunk left out", /7;.*?hello, \r\n/s, "", "403 SignatureDoesNotMatch"],
    ["a trailer changed", /crc32:./, "crc32:!", "403 SignatureDoesNotMatch"],
    ["a trailer's signature left out", /x-amz-trailer-signature.*\r\n/, "", "403 SignatureDoesNotMatch"],
    ["a trailer left out", /x-amz-checksum-crc32:.*\r\n/, "", "403 SignatureDoesNotMatch"],
    ["a trailer added", /(x-amz-checksum-crc32:)/, "x-evil:1\r\n$1", "403 SignatureDoesNotMatch"],
    ["its end cut off", /0;chunk.*$/s, "", "400 IncompleteBody"],
  ];
  for (const [what, from, to, expected] of spoilt) {
    test(`with ${what} is refused: ${expected}`, async () => {
      const request = put("", "spoilt-chunks");
      signChunks(request, ["hello, ", "world"], { trailer: crcOf("hello, world") });
      const body = request.body.toString().replace(from, to);
      expect(body).not.toBe(request.body.toString());
      request.body = Buffer.from(body);
      request.headers["content-length"] = String(request.body.length);
      expect(await outcome(request)).toBe(expected);
      expect(await stored("spoilt-chunks")).toBe("NoSuchKey");
    });
  }

  test("with a checksum that is not the body's is refused", async () => {
    const request = put("", "wrong-crc");
    signChunks(request, ["hello"], { trailer: crcOf("other") });
    expect(await outcome(request)).toBe("400 BadDigest");
    expect(await stored("wrong-crc")).toBe("NoSuchKey");
  });

  test("with a checksum of an algorithm that is not implemented says so", async () => {
    const request = put();
    signChunks(request, ["hello"], { trailer: ["x-amz-checksum-crc64nvme", "AAAAAAAAAAA="] });
    const { status, body } = await send(server.port, request);
    expect(status).toBe(501);
    expect(body).toContain("The checksum algorithm crc64nvme is not implemented by this server");
  });
});

describe("hostile input", () => {
  const post = (query: [string, string], body: string | Buffer, key = ""): RawRequest => {
    const request = rawPut(host(), `/bucket${key}`, body);
    request.method = "POST";
    request.query.push(query);
    sign(request);
    return request;
  };

  test("in the XML of a deletion is MalformedXML", async () => {
    for (const body of [
      "not xml",
      "<Delete></Delete>",
      "<Delete><Object></Object></Delete>",
      "<Other><Object><Key>k</Key></Object></Other>",
      '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
      `<Delete>${"<Object><Key>k</Key></Object>".repeat(1001)}</Delete>`,
      Buffer.from([0xff, 0xfe, 0x00]),
    ]) {
      expect(await outcome(post(["delete", ""], body))).toBe("400 MalformedXML");
    }
    expect(await outcome(post(["delete", ""], ""))).toBe("400 MissingRequestBodyError");
  });

  test("in the XML of a completion is MalformedXML", async () => {
    const begin = post(["uploads", ""], "", "/upload");
    const uploadId = /<UploadId>(.*)<\/UploadId>/.exec((await send(server.port, begin)).body)![1]!;
    for (const body of [
      "<CompleteMultipartUpload></CompleteMultipartUpload>",
      "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
      "<CompleteMultipartUpload><Part><PartNumber>1e999</PartNumber></Part></CompleteMultipartUpload>",
    ]) {
      expect(await outcome(post(["uploadId", uploadId], body, "/upload"))).toBe("400 MalformedXML");
    }
    const unknown =
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>";
    expect(await outcome(post(["uploadId", uploadId], unknown, "/upload"))).toBe("400 InvalidPart");
  });

  test("as XML of more than 8 MiB is refused", async () => {
    const body = `<Delete>${" ".repeat(8 * 1024 * 1024)}</Delete>`;
    expect(await outcome(post(["delete", ""], body))).toBe("400 MaxMessageLengthExceeded");
  });

  test("in a path is InvalidURI, or a key", async () => {
    for (const [requestPath, expected] of [
      ["/bucket/%ff", "400 InvalidURI"],
      ["/bucket/%", "400 InvalidURI"],
      ["http://elsewhere/bucket/k", "400 InvalidURI"],
      ["/bucket/../../../../etc/passwd", "404 NoSuchKey"],
      ["/bucket/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "404 NoSuchKey"],
      ["/..%2fbucket/k", "404 NoSuchBucket"],
      ["/__proto__/constructor", "404 NoSuchBucket"],
    ] as const) {
      const request = put("");
      request.method = "GET";
      request.path = requestPath;
      if (expected !== "400 InvalidURI") {
        sign(request);
      }
      expect([requestPath, await outcome(request)]).toEqual([requestPath, expected]);
    }
  });

  test("that is no HTTP gets an S3 error all the same", async () => {
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

  test("in form of a method or of parameters that are not implemented says so", async () => {
    const request = put();
    request.method = "PATCH";
    sign(request);
    expect(await outcome(request)).toBe("405 MethodNotAllowed");
    expect(await outcome(post(["policy", ""], "{}"))).toBe("501 NotImplemented");
    const encrypted = put();
    encrypted.headers["x-amz-server-side-encryption"] = "aws:kms";
    sign(encrypted);
    expect(await outcome(encrypted)).toBe("501 NotImplemented");
    const presigned = put();
    presigned.query.push(["X-Amz-Signature", "0"]);
    expect(await outcome(presigned)).toBe("501 NotImplemented");
  });

  test("ends no connection but its own: the server still answers", async () => {
    expect(await outcome(signed(put("alive", "alive")))).toBe("200");
    expect(await stored("alive")).toBe("alive");
  });
});

const signed = (request: RawRequest): RawRequest => {
  sign(request);
  return request;
};

describe("a client that waits for 100 Continue", () => {
  const exchange = async (request: RawRequest): Promise<string[]> => {
    const lines: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(server.port, "127.0.0.1");
      socket.on("error", reject);
      socket.on("close", () => {
        resolve();
      });
      socket.on("data", (data: Buffer) => {
        const status = /^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1] ?? "";
        const code = /<Code>(\w+)</.exec(data.toString())?.[1] ?? "";
        lines.push(`${status} ${code}`.trim());
        if (status === "100") {
          socket.write(request.body);
        }
      });
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`${request.method} ${request.path} HTTP/1.1\r\n${headers.join("")}\r\n`);
    });
    return lines;
  };
  const expecting = (headers: Record<string, string>): RawRequest => {
    const request = put("waited", "waited");
    Object.assign(request.headers, headers, { connection: "close" });
    sign(request);
    request.headers.expect = "100-continue";
    return request;
  };

  test("is told to go on, or refused before it sends", async () => {
    expect(await exchange(expecting({}))).toEqual(["100", "200"]);
    expect(await stored("waited")).toBe("waited");
    expect(await exchange(expecting({ "if-none-match": "*" }))).toEqual(["412 PreconditionFailed"]);
  });
});

describe("a client that goes away", () => {
  const blobCount = async (): Promise<number> => {
    const names = await readdir(path.join(directory, "blobs"), { recursive: true });
    return names.filter((name) => path.basename(name).length === 24).length;
  };
  const eventually = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const leave = async (request: RawRequest, when: "sending" | "receiving"): Promise<void> => {
    const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(server.port, "127.0.0.1", () => {
        socket.write(`${request.method} ${request.path} HTTP/1.1\r\n${head.join("")}\r\n`);
        socket.write(request.body.subarray(0, request.body.length / 2));
        if (when === "sending") {
          setTimeout(() => socket.resetAndDestroy(), 50);
        }
      });
      socket.once("data", () => socket.resetAndDestroy());
      socket.on("error", reject);
      socket.on("close", () => {
        resolve();
      });
    });
  };

  test("while it sends leaves nothing behind", async () => {
    const before = await blobCount();
    const request = put("x".repeat(3_000_000), "half");
    sign(request);
    await leave(request, "sending");
    await eventually(async () => (await blobCount()) === before);
    expect(await stored("half")).toBe("NoSuchKey");
  });

  test("while it receives holds nothing: what is deleted then goes from the disk", async () => {
    const before = await blobCount();
    expect(await outcome(signed(put("x".repeat(8_000_000), "large")))).toBe("200");
    const get = put("", "large");
    get.method = "GET";
    await leave(signed(get), "receiving");
    const remove = put("", "large");
    remove.method = "DELETE";
    expect(await outcome(signed(remove))).toBe("204");
    await eventually(async () => (await blobCount()) === before);
  });
});

test("whatever is signed and sent gets an answer", async () => {
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
        const request = put(body);
        request.method = verb;
        request.path = atKey ? `/bucket/${uriEncodePath(key)}` : "/bucket";
        request.query.push(...asked);
        Object.assign(request.headers, more);
        const answer = await send(server.port, signed(request));
        expect([200, 204, 206, 304, 400, 404, 405, 409, 412, 416, 501]).toContain(answer.status);
        expect(answer.code).not.toBe("SignatureDoesNotMatch");
        if (verb === "DELETE" && !atKey) {
          await send(server.port, signed({ ...rawPut(host(), "/bucket", "") }));
        }
      },
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300) },
  );
});
