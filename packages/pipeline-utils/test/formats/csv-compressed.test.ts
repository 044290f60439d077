import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import type { ReadCsvOptions } from "@ml-pipelines/pipeline-utils";
import { FormatError, readCsv } from "@ml-pipelines/pipeline-utils";
import fc from "fast-check";
import { decompress } from "../../src/formats/csv/decompress.js";
import { bytesOf, streamOf } from "./bytes.js";
import { runsOf } from "./fuzz.js";
import { plain } from "./plain.js";

const text = "a,b\n1,x\n2.5,é\n".repeat(2).replace("\na,b", "");
const columns = [
  { name: "a", type: "Float64", values: [1, 2.5, 1, 2.5] },
  { name: "b", type: "Utf8", values: ["x", "é", "x", "é"] },
];
const address = "s3://b/k.csv.gz";
const read = async (bytes: Uint8Array, options: ReadCsvOptions = {}, size = 7): Promise<unknown> =>
  plain(await readCsv(streamOf(bytes, size), { address, ...options }));
const inflate = async (bytes: Uint8Array, size: number, maxBytes = 2 ** 32): Promise<Buffer> =>
  bytesOf(decompress(streamOf(bytes, size), maxBytes, address));

describe("gzip", () => {
  test.each([1, 2, 3, 5, 1000])("returns the table of the text, from chunks of %i bytes", async (size) => {
    expect(await read(gzipSync(text), {}, size)).toEqual(columns);
    expect(await read(gzipSync(Buffer.from(`\ufeff${text}`, "utf16le")), {}, size)).toEqual(columns);
  });

  test("returns the text of several members, with zeros after them", async () => {
    const [first, second] = [gzipSync("a,b\n1,"), gzipSync("x\n")];
    for (const size of [1, first.length, 1000]) {
      expect((await inflate(Buffer.concat([first, second, Buffer.alloc(512)]), size)).toString()).toBe(
        "a,b\n1,x\n",
      );
    }
  });

  test("returns any bytes, from chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 200 }),
        async (bytes, size) => {
          expect((await inflate(gzipSync(bytes), size)).equals(bytes)).toBe(true);
        },
      ),
      runsOf(100),
    );
    const large = randomBytes(3_000_000);
    expect((await inflate(gzipSync(large), 100_000)).equals(large)).toBe(true);
  });

  test("rejects a file that ends early, wherever it does", async () => {
    const whole = gzipSync(text);
    for (let length = 2; length < whole.length; length++) {
      const reading = inflate(whole.subarray(0, length), 5);
      await expect(reading).rejects.toThrow(FormatError);
      await expect(reading).rejects.toThrow(
        `${address}: the gzip data are damaged or truncated: unexpected end of file`,
      );
    }
  });

  test("rejects damaged bytes, or returns the same text", async () => {
    const whole = gzipSync(text);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 60 }),
        async (offset, flipped, size) => {
          const damaged = Buffer.from(whole);
          damaged[offset]! ^= flipped;
          const found = await inflate(damaged, size).catch((error: unknown) => {
            expect(error).toBeInstanceOf(FormatError);
            expect(String(error)).toContain(`${address}: the gzip data are damaged or truncated: `);
          });
          // The header's time and operating system have no effect.
          expect(found?.toString() ?? text).toBe(text);
        },
      ),
      runsOf(300),
    );
  });

  test.each([
    ["other bytes", Buffer.from("a,b\n")],
    ["zeros and other bytes", Buffer.from("\0\0\0\0x")],
    ["zeros and another member", Buffer.concat([Buffer.alloc(9), gzipSync("1,y\n")])],
  ])("rejects %s after the data", async (_, rest) => {
    const whole = Buffer.concat([gzipSync(text), rest]);
    for (const size of [1, 3, whole.length - rest.length, whole.length]) {
      const reading = read(whole, {}, size);
      await expect(reading).rejects.toThrow(FormatError);
      await expect(reading).rejects.toThrow(/other bytes follow the gzip data|incorrect header check/);
    }
  });

  test("rejects a file that is compressed twice", async () => {
    await expect(read(gzipSync(gzipSync(text)))).rejects.toThrow(
      `${address} line 1: found a file compressed by gzip twice, expected text`,
    );
  });

  test("gives lines of the text in errors", async () => {
    await expect(read(gzipSync("x\na,b\n1\n"), { skipRows: 1 })).rejects.toThrow(
      `${address} line 3: column "b": found 1 field, expected 2`,
    );
  });
});

describe("maxBytes", () => {
  test("rejects a larger text before the source ends, in little memory", async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, "1\n"), { level: 1 });
    let pulled = 0;
    const source = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of streamOf(bomb, 1000)) {
        pulled += chunk.length;
        yield chunk;
      }
    };
    const reading = bytesOf(decompress(source(), 1_000_000, address));
    await expect(reading).rejects.toThrow(
      new FormatError(
        `${address}: the text has more than 1000000 bytes after decompression; a larger maxBytes allows it`,
      ),
    );
    expect(pulled).toBeLessThan(bomb.length / 10);
  });

  test("returns a text of exactly that many bytes, and any plain file", async () => {
    const { length } = Buffer.from(text);
    expect(await read(gzipSync(text), { maxBytes: length })).toEqual(columns);
    await expect(read(gzipSync(text), { maxBytes: length - 1 })).rejects.toThrow(FormatError);
    expect(await read(Buffer.from(text), { maxBytes: 1 })).toEqual(columns);
  });

  test.each([0, -1, 1.5, NaN, Infinity])("rejects %d", async (maxBytes) => {
    await expect(read(gzipSync(text), { maxBytes })).rejects.toThrow(
      new TypeError(`maxBytes is ${maxBytes}, expected a number of bytes, 1 or more`),
    );
  });
});

describe("the source of a compressed file", () => {
  test("requests no more than its reader takes", async () => {
    let pulled = 0;
    const source = async function* (): AsyncIterable<Uint8Array> {
      const member = gzipSync(randomBytes(100_000));
      for (; pulled < 100; pulled++) {
        yield member;
      }
    };
    for await (const part of decompress(source(), 2 ** 32, address)) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    expect(pulled).toBeLessThan(3);
  });

  test("closes the source when reading stops, and throws the source's errors unchanged", async () => {
    let closed = 0;
    const failure = new Error("no connection");
    const source = async function* (isFailing: boolean): AsyncIterable<Uint8Array> {
      try {
        yield gzipSync("a,b\n1\n");
        if (isFailing) {
          throw failure;
        }
        yield gzipSync(randomBytes(10_000_000));
      } finally {
        closed++;
      }
    };
    await expect(readCsv(source(true))).rejects.toBe(failure);
    for await (const part of decompress(source(false), 100, address)) {
      expect(part.length).toBe(6);
      break;
    }
    expect(closed).toBe(2);
  });

  test("returns the chunks of a plain source unchanged", async () => {
    const chunks = [Buffer.from("a,b\n"), Buffer.from("1,2\n")];
    const source = async function* (): AsyncIterable<Uint8Array> {
      yield* chunks;
    };
    const parts: Uint8Array[] = [];
    for await (const part of decompress(source(), 1, address)) {
      parts.push(part);
    }
    expect(parts[0]).toBe(chunks[0]);
    expect(parts[1]).toBe(chunks[1]);
    for (const short of ["", "a", "(a\n", "a\n1"]) {
      expect((await inflate(Buffer.from(short), 1)).toString()).toBe(short);
    }
  });
});
