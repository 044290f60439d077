import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeAwsChunked } from "../../src/body/aws-chunked.js";
import { crc32c } from "../../src/body/crc.js";

/** Decode a body that arrives in pieces of that size. */
async function decode(body: string, pieceSize = body.length, trailer = true) {
  const bytes = Buffer.from(body, "latin1");
  const pieces = async function* (): AsyncGenerator<Uint8Array, void> {
    for (let start = 0; start < bytes.length; start += pieceSize) {
      yield bytes.subarray(start, start + pieceSize);
    }
  };
  const decoded = decodeAwsChunked(pieces(), { signatures: undefined, trailer });
  const chunks: Uint8Array[] = [];
  let next = await decoded.next();
  for (; next.done !== true; next = await decoded.next()) {
    chunks.push(Buffer.from(next.value));
  }
  return { text: Buffer.concat(chunks).toString("latin1"), trailers: Object.fromEntries(next.value) };
}

const sum = { "x-amz-checksum-crc32": "AAAAAA==" };

describe("decodeAwsChunked", () => {
  test("joins the chunks and reads the trailer, however the body is split", async () => {
    const body = "5\r\nhello\r\nB\r\n, wor\r\nld!!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    for (let pieceSize = 1; pieceSize <= body.length; pieceSize++) {
      expect(await decode(body, pieceSize)).toEqual({ text: "hello, wor\r\nld!!", trailers: sum });
    }
  });

  test("accepts a trailer without the last empty line, with spaces, or none", async () => {
    expect(await decode("0\r\nX-Amz-Checksum-CRC32: AAAAAA== \r\n")).toEqual({ text: "", trailers: sum });
    expect(await decode("0\r\n\r\n", undefined, false)).toEqual({ text: "", trailers: {} });
  });

  test("returns any bytes in any chunks", async () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (chunks, size) => {
          const texts = chunks.map((bytes) => Buffer.from(bytes).toString("latin1"));
          const body = texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("");
          expect((await decode(`${body}0\r\n\r\n`, size)).text).toBe(texts.join(""));
        },
      ),
    );
  });

  const rejected: readonly (readonly [what: string, body: string, message: string])[] = [
    ["no size", "hello\r\n", 'begins with "hello"'],
    ["a negative size", "-5\r\nhello\r\n", 'begins with "-5"'],
    ["a size beyond all bounds", `${"F".repeat(11)}\r\n`, "not with its size"],
    ["a chunk longer than its size", "3\r\nhello\r\n0\r\n\r\n", "longer than it says"],
    ["an end within a chunk", "5\r\nhel", "did not provide the number of bytes"],
    ["an end before the last chunk", "5\r\nhello\r\n", "did not provide the number of bytes"],
    ["a size line without end", "5".repeat(5000), "a line of more than 1024 bytes"],
    ["a trailer without a colon", "0\r\nchecksum\r\n\r\n", "trailing data that was not well-formed"],
    [
      "a hundred trailers",
      `0\r\n${Array.from({ length: 100 }, (_, i) => `x${i}:y\r\n`).join("")}`,
      "not well-formed",
    ],
  ];
  for (const [what, body, message] of rejected) {
    test(`rejects ${what}`, async () => {
      await expect(decode(body)).rejects.toThrow(message);
    });
  }
});

test("returns the check value of CRC32C's catalogue entry, at once or in pieces", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.from("6789"), crc32c(Buffer.from("12345")))).toBe(0xe3069283);
});
