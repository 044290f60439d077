import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RawRequest } from "./support/raw-request.js";
import { amzDate, crc32Trailer, md5, send, sign, signChunks } from "./support/raw-request.js";
import { RawServer } from "./support/raw-server.js";

/** The check value of the catalogue of CRCs, of the body `123456789`. */
const CRC64NVME_OF_DIGITS = "rosUhgp5mIg=";

let server: RawServer;
beforeAll(async () => {
  server = await RawServer.start();
});
afterAll(() => server.stop());

describe("signed requests", () => {
  test("accepts a request as it was signed", async () => {
    const request = server.put();
    sign(request);
    expect(await server.outcome(request)).toBe("200");
    expect(await server.stored()).toBe("hello");
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
    test(`rejects a request with ${what} by ${expected}`, async () => {
      const request = server.put("first", "spoilt");
      sign(request);
      await send(server.port, request);
      const second = server.put("hello", "spoilt");
      sign(second);
      spoil(second);
      expect(await server.outcome(second)).toBe(expected);
      expect(await server.stored("spoilt")).toBe("first");
      expect(await server.stored("other")).toBe("NoSuchKey");
    });
  }

  for (const minutes of [-16, 16, -1_000_000]) {
    test(`rejects a request whose clock is ${minutes} minutes off`, async () => {
      const request = server.put();
      request.headers["x-amz-date"] = amzDate(new Date(Date.now() + minutes * 60_000));
      sign(request);
      expect(await server.outcome(request)).toBe("403 RequestTimeTooSkewed");
    });
  }

  test("rejects a request with an invalid date", async () => {
    for (const date of ["yesterday", "20211399T999999Z", ""]) {
      const request = server.put();
      request.headers["x-amz-date"] = date;
      sign(request);
      expect(await server.outcome(request)).toMatch(/^40[03] /);
    }
  });

  test("rejects a request that does not sign host or an x-amz- header", async () => {
    const request = server.put();
    sign(request, ["x-amz-content-sha256", "x-amz-date"]);
    expect(await server.outcome(request)).toBe("403 AccessDenied");
  });

  test("accepts an unsigned payload and checks its MD5", async () => {
    const request = server.put();
    request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
    request.headers["content-md5"] = Buffer.from(md5("other"), "hex").toString("base64");
    sign(request);
    expect(await server.outcome(request)).toBe("400 BadDigest");
    request.headers["content-md5"] = Buffer.from(md5("hello"), "hex").toString("base64");
    delete request.headers.authorization;
    sign(request);
    expect(await server.outcome(request)).toBe("200");
  });

  test("accepts the CRC64NVME of its body, and rejects another", async () => {
    const request = server.put("123456789", "crc64nvme");
    request.headers["x-amz-checksum-crc64nvme"] = "AAAAAAAAAAA=";
    sign(request);
    expect(await server.outcome(request)).toBe("400 BadDigest");
    expect(await server.stored("crc64nvme")).toBe("NoSuchKey");
    request.headers["x-amz-checksum-crc64nvme"] = CRC64NVME_OF_DIGITS;
    delete request.headers.authorization;
    sign(request);
    expect((await send(server.port, request)).head).toContain(
      `x-amz-checksum-crc64nvme: ${CRC64NVME_OF_DIGITS}`,
    );
  });

  test("rejects a request with an invalid content hash", async () => {
    const request = server.put();
    request.headers["x-amz-content-sha256"] = "constructor";
    sign(request);
    expect(await server.outcome(request)).toBe("400 InvalidArgument");
  });

  test("rejects a request without a length", async () => {
    const request = server.put();
    delete request.headers["content-length"];
    request.headers["transfer-encoding"] = "chunked";
    request.body = Buffer.from("5\r\nhello\r\n0\r\n\r\n");
    sign(request);
    expect(await server.outcome(request)).toBe("411 MissingContentLength");
  });

  test("rejects more than 5 GiB before it reads the body", async () => {
    const request = server.put();
    request.headers["content-length"] = String(5 * 1024 ** 3 + 1);
    request.headers.expect = "100-continue";
    request.body = Buffer.alloc(0);
    sign(request);
    expect(await server.outcome(request)).toBe("400 EntityTooLarge");
  });
});

const crcOf = (text: string): readonly [string, string] => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return crc32Trailer(bytes);
};

describe("bodies in signed chunks", () => {
  test("accepts a body as it was signed, with or without a trailer", async () => {
    for (const options of [{}, { trailer: crcOf("hello, world") }]) {
      const request = server.put();
      signChunks(request, ["hello, ", "world"], options);
      expect(await server.outcome(request)).toBe("200");
      expect(await server.stored()).toBe("hello, world");
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
    test(`rejects a body with ${what} by ${expected}`, async () => {
      const request = server.put("", "spoilt-chunks");
      signChunks(request, ["hello, ", "world"], { trailer: crcOf("hello, world") });
      const body = request.body.toString().replace(from, to);
      expect(body).not.toBe(request.body.toString());
      request.body = Buffer.from(body);
      request.headers["content-length"] = String(request.body.length);
      expect(await server.outcome(request)).toBe(expected);
      expect(await server.stored("spoilt-chunks")).toBe("NoSuchKey");
    });
  }

  test("accepts the CRC64NVME of its body as a trailer, and rejects another", async () => {
    for (const [value, expected] of [
      ["AAAAAAAAAAA=", "400 BadDigest"],
      [CRC64NVME_OF_DIGITS, "200"],
    ] as const) {
      const request = server.put("", "crc64nvme-trailer");
      signChunks(request, ["12345", "6789"], { trailer: ["x-amz-checksum-crc64nvme", value] });
      expect(await server.outcome(request)).toBe(expected);
    }
    expect(await server.stored("crc64nvme-trailer")).toBe("123456789");
  });

  test("rejects a body whose checksum is that of another", async () => {
    const request = server.put("", "wrong-crc");
    signChunks(request, ["hello"], { trailer: crcOf("other") });
    expect(await server.outcome(request)).toBe("400 BadDigest");
    expect(await server.stored("wrong-crc")).toBe("NoSuchKey");
  });

  test("returns NotImplemented for an unknown checksum algorithm", async () => {
    const request = server.put();
    signChunks(request, ["hello"], { trailer: ["x-amz-checksum-xxhash64", "AAAAAAAAAAA="] });
    const { status, body } = await send(server.port, request);
    expect(status).toBe(501);
    expect(body).toContain("The checksum algorithm xxhash64 is not implemented by this server");
  });
});
