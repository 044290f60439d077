import { describe, expect, test } from "@jest/globals";
import type { ReadCsvOptions } from "@ml-pipelines/pipeline-utils";
import { FormatError, readCsv } from "@ml-pipelines/pipeline-utils";
import fc from "fast-check";
import { decodeText } from "../../src/formats/csv/decode-text.js";
import { bytesOf, streamOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { plain } from "./plain.js";

type Utf16 = "little" | "big";

/** A text in UTF-16, with its byte order mark. */
function utf16(text: string, order: Utf16): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return order === "big" ? bytes.swap16() : bytes;
}

const orders: readonly Utf16[] = ["little", "big"];
const text = 'a,b\r\n1,"x,\n東京"\r\n-2.5,é🎉\r\n';
const read = async (bytes: Uint8Array, options: ReadCsvOptions = {}, size = 3): Promise<unknown> =>
  plain(await readCsv(streamOf(bytes, size), { address: "s3://b/k.csv", ...options }));

describe.each(orders)("UTF-16, %s-endian", (order) => {
  test("returns the table of the same text in UTF-8", async () => {
    const expected = await read(Buffer.from(text));
    for (const size of [1, 2, 3, 5, 1000]) {
      expect(await read(utf16(text, order), {}, size)).toEqual(expected);
    }
    expect(await read(utf16(text.replaceAll(",", "§"), order), { delimiter: "§" })).toMatchObject([
      { values: [1, -2.5] },
      { values: ["x§\n東京", "é🎉"] },
    ]);
  });

  test("returns any text, from chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), async (any, size) => {
        const decoded = await bytesOf(decodeText(streamOf(utf16(any, order), size), "utf-8", "f"));
        expect(decoded.toString("utf8")).toBe(any);
      }),
      runsOf(300),
    );
  });

  test.each([
    ["a,b\n1,x\n2,\ud83c", "s3://b/k.csv line 3: the file ends within a character of UTF-16"],
    ["a,b\n1,\udc00\n", 's3://b/k.csv line 2: found "\\udc00", which is not valid UTF-16'],
    ["a,b\n1,x\n\ud83cy,2\n", 's3://b/k.csv line 3: found "\\ud83c", which is not valid UTF-16'],
  ])("rejects %j", async (malformed, message) => {
    const reading = read(utf16(malformed, order));
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });

  test("rejects half of a last unit, and gives lines of the source in other errors", async () => {
    await expect(read(utf16("a\n1\n", order).subarray(0, -1))).rejects.toThrow(
      "s3://b/k.csv line 2: the file ends within a character of UTF-16",
    );
    await expect(read(utf16("x\n\na,b\n1\n", order), { skipRows: 1 })).rejects.toThrow(
      's3://b/k.csv line 4: column "b": found 1 field, expected 2',
    );
  });
});

describe("latin1", () => {
  test("returns each byte as the character of its code", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const decoded = await bytesOf(decodeText(streamOf(all, 7), "latin1", "f"));
    expect(decoded.toString("utf8")).toBe(Buffer.from(all).toString("latin1"));
    const bytes = Buffer.from("größe;\u00a35\n1;Zoë\n", "latin1");
    expect(await read(bytes, { encoding: "latin1", delimiter: ";" })).toMatchObject([
      { name: "größe", values: [1] },
      { name: "£5", values: ["Zoë"] },
    ]);
    await expect(read(bytes, { delimiter: ";" })).rejects.toThrow("which is not valid UTF-8");
  });

  test("returns marks of other encodings as characters", async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("a\n1\n")]);
    expect(await read(bytes, { encoding: "latin1" })).toMatchObject([{ name: "ÿþa", values: [1] }]);
  });
});

test("returns a file of one byte and rejects an empty one", async () => {
  expect(await read(Buffer.from("a"))).toMatchObject([{ name: "a", values: [] }]);
  await expect(read(Buffer.from(""))).rejects.toThrow("s3://b/k.csv: the file is empty");
  await expect(read(utf16("", "little"))).rejects.toThrow("s3://b/k.csv: the file is empty");
});

test("returns large chunks in parts of bounded size", async () => {
  const chunk = utf16("é".repeat(1 << 20), "big");
  let largest = 0;
  for await (const part of decodeText(streamOf(chunk, chunk.length), "utf-8", "f")) {
    largest = Math.max(largest, part.length);
  }
  expect(largest).toBeLessThan(200_000);
});

test("returns chunks of UTF-8 as they are, without a copy", async () => {
  const chunks = [Buffer.from("a,b\n"), Buffer.from("é,1\n")];
  const source = async function* (): AsyncIterable<Uint8Array> {
    yield* chunks;
  };
  const decoded: Uint8Array[] = [];
  for await (const part of decodeText(source(), "utf-8", "f")) {
    decoded.push(part);
  }
  expect(decoded[0]).toBe(chunks[0]);
  expect(decoded[1]).toBe(chunks[1]);
});

test("rejects another encoding", async () => {
  const untyped: object = { encoding: "utf-16" };
  await expect(read(Buffer.from("a\n"), untyped)).rejects.toThrow(
    new TypeError("encoding is 'utf-16', expected 'utf-8' or 'latin1'"),
  );
});
