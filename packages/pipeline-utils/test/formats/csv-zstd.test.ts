import { randomBytes } from "node:crypto";
import zlib from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { FormatError, readCsv, UnsupportedFileFormatError } from "@ml-pipelines/pipeline-utils/formats";
import fc from "fast-check";
import { decompress } from "../../src/formats/csv/decompress.js";
import { beginsZstd, ZstdFrames } from "../../src/formats/csv/zstd-frames.js";
import { bytesOf, streamOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { plain } from "./plain.js";

const address = "s3://b/k.csv.zst";
const text = "a,b\n1,x\n2.5,é\n";
/** The text, compressed by the command `zstd` 1.5, with a checksum and without. */
const FRAMES = [
  Buffer.from("28b52ffd0458790000612c620a312c780a322e352cc3a90a6be593e7", "hex"),
  Buffer.from("28b52ffd0058790000612c620a312c780a322e352cc3a90a", "hex"),
] as const;
/** By the same command: `a,b`, and `1,2` on a thousand lines. It has a compressed block, and its size in two bytes. */
const LARGER_FRAME = Buffer.from("28b52ffd64a40e75000038612c620a312c3201009adf77460dfa7b94", "hex");
const EMPTY_FRAME = Buffer.from("28b52ffd240001000099e9d851", "hex");
/** A frame to skip. The command `pzstd` writes one before each frame of data. */
const SKIPPED = Buffer.from("502a4d18030000000102ff", "hex");

const inflate = async (bytes: Uint8Array, size = 7, maxBytes = 2 ** 32): Promise<Buffer> =>
  bytesOf(decompress(streamOf(bytes, size), maxBytes, address));

/** The frames of data in some bytes. */
function framesOf(bytes: Uint8Array, size: number): string[] {
  const frames = new ZstdFrames();
  const found: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    for (const part of frames.push(bytes.subarray(start, start + size))) {
      const isFirst = Buffer.from(part).equals(FRAMES[0].subarray(0, 4));
      found.push(Buffer.concat(isFirst ? [part] : [found.pop() ?? Buffer.alloc(0), part]));
    }
  }
  frames.finish();
  return found.map((frame) => frame.toString("hex"));
}

describe("the frames of a file", () => {
  test.each([1, 2, 3, 4, 5, 11, 1000])("finds the frames in chunks of %i bytes", (size) => {
    const data = [...FRAMES, LARGER_FRAME, EMPTY_FRAME, FRAMES[1]];
    const hex = data.map((frame) => frame.toString("hex"));
    expect(framesOf(Buffer.concat(data), size)).toEqual(hex);
    expect(framesOf(Buffer.concat(data.flatMap((frame) => [SKIPPED, frame, SKIPPED])), size)).toEqual(hex);
    expect(framesOf(SKIPPED, size)).toEqual([]);
  });

  test("rejects a frame that needs a larger window than Node decompresses, and accepts the largest", () => {
    const withWindow = (descriptor: number) =>
      Buffer.from([...FRAMES[0].subarray(0, 4), 0, descriptor, 0x01, 0x00, 0x00]);
    const ofLog2 = (log2: number) => (log2 - 10) << 3;
    expect(framesOf(withWindow(ofLog2(27)), 3)).toHaveLength(1);
    expect(() => framesOf(withWindow(ofLog2(28)), 3)).toThrow(
      new RangeError("a frame needs a window of 256 MiB, and at most 128 MiB are supported"),
    );
  });

  test.each([...FRAMES, LARGER_FRAME, EMPTY_FRAME, SKIPPED])(
    "rejects a frame that ends early (%#)",
    (frame) => {
      for (let length = 1; length < frame.length; length++) {
        for (const before of [Buffer.alloc(0), FRAMES[0]]) {
          expect(() => framesOf(Buffer.concat([before, frame.subarray(0, length)]), 5)).toThrow(
            new RangeError("unexpected end of file"),
          );
        }
      }
    },
  );

  test("rejects other bytes after a frame, and blocks of an unknown type", () => {
    expect(() => framesOf(Buffer.concat([FRAMES[0], Buffer.from("1,2\n")]), 5)).toThrow(
      new RangeError("other bytes follow a frame"),
    );
    const unknown = Buffer.from(FRAMES[1]);
    unknown[6]! |= 0b110;
    expect(() => framesOf(unknown, 5)).toThrow(new RangeError("a block is of an unknown type"));
  });
});

test("recognises frames of data and frames to skip, and no text", () => {
  expect([FRAMES[0], SKIPPED, Buffer.from("5f2a4d18", "hex")].every(beginsZstd)).toBe(true);
  for (const other of ["", "(", "a,b\n", "P*M\n", "602a4d18"]) {
    expect(beginsZstd(Buffer.from(other))).toBe(false);
  }
});

const hasZstd = "createZstdDecompress" in zlib;

(hasZstd ? test.skip : test)("rejects zstd where Node does not have it, by name", async () => {
  for (const bytes of [FRAMES[0], SKIPPED]) {
    const reading = readCsv(bytes, { address });
    await expect(reading).rejects.toThrow(UnsupportedFileFormatError);
    await expect(reading).rejects.toThrow(
      `${address}: the file is compressed by zstd, which Node reads from version 22.15 on; this is v`,
    );
  }
});

(hasZstd ? describe : describe.skip)("zstd, which Node has from version 22.15 on", () => {
  /** Compress by Node, whose types are of an earlier version. */
  const compress = (bytes: Uint8Array): Buffer => {
    const call: unknown = Reflect.get(zlib, "zstdCompressSync");
    return (call as (bytes: Uint8Array, options: object) => Buffer)(bytes, { params: { 201: 1 } }); // a checksum
  };

  test.each([1, 2, 3, 5, 1000])("returns the table of the text, from chunks of %i bytes", async (size) => {
    const columns = [
      { name: "a", type: "Float64", values: [1, 2.5] },
      { name: "b", type: "Utf8", values: ["x", "é"] },
    ];
    for (const frame of FRAMES) {
      expect(plain(await readCsv(streamOf(frame, size)))).toEqual(columns);
    }
    const utf16 = compress(Buffer.from(`\ufeff${text}`, "utf16le"));
    expect(plain(await readCsv(streamOf(utf16, size)))).toEqual(columns);
  });

  test.each([1, 4, 9, 1000])("returns the text of all frames, from chunks of %i bytes", async (size) => {
    const parts = [SKIPPED, FRAMES[0], SKIPPED, EMPTY_FRAME, FRAMES[1], LARGER_FRAME, SKIPPED];
    const expected = `${text}${text}a,b\n${"1,2\n".repeat(1000)}`;
    expect((await inflate(Buffer.concat(parts), size)).toString()).toBe(expected);
    expect((await inflate(SKIPPED, size)).length).toBe(0);
  });

  test("returns any bytes, in chunks of any size", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 200 }), async (texts, size) => {
        const found = await inflate(Buffer.concat(texts.map(compress)), size);
        expect(found.equals(Buffer.concat(texts))).toBe(true);
      }),
      runsOf(100),
    );
    const large = randomBytes(3_000_000);
    expect((await inflate(compress(large), 100_000)).equals(large)).toBe(true);
  });

  test("rejects a file that ends early, wherever it does", async () => {
    for (const whole of [...FRAMES, LARGER_FRAME, Buffer.concat([FRAMES[0], FRAMES[1]])]) {
      for (let length = 4; length < whole.length; length++) {
        if (length === FRAMES[0].length && whole.length > FRAMES[0].length + 4) {
          continue; // the first of two frames
        }
        const reading = inflate(whole.subarray(0, length), 5);
        await expect(reading).rejects.toThrow(FormatError);
        await expect(reading).rejects.toThrow(
          `${address}: the zstd data are damaged or truncated: unexpected end of file`,
        );
      }
    }
  });

  test("rejects damaged bytes, or returns the same text", async () => {
    const whole = compress(Buffer.from(text.repeat(50)));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 60 }),
        async (offset, flipped, size) => {
          const damaged = Buffer.from(whole);
          damaged[offset]! ^= flipped;
          const found = await inflate(damaged, size).catch((error: unknown) => {
            expect(error).toBeInstanceOf(FormatError);
            expect(String(error)).toMatch(
              /: the zstd data are damaged or truncated: |: other bytes follow the zstd/,
            );
          });
          expect(found?.toString() ?? text.repeat(50)).toBe(text.repeat(50));
        },
      ),
      runsOf(300),
    );
  });

  test("rejects a text of more than maxBytes", async () => {
    const { length } = Buffer.from(text);
    expect((await inflate(FRAMES[0], 5, length)).toString()).toBe(text);
    await expect(inflate(FRAMES[0], 5, length - 1)).rejects.toThrow(
      `${address}: the text has more than ${length - 1} bytes after decompression; a larger maxBytes allows it`,
    );
    const bomb = compress(Buffer.alloc(50_000_000, "1\n"));
    await expect(inflate(bomb, 100, 1_000_000)).rejects.toThrow(FormatError);
  });
});
