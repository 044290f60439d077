import { crc32 } from "node:zlib";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { combineCrcs, CRC_ALGORITHMS, createCrc } from "../../src/body/crc.js";
import type { CrcAlgorithm } from "../../src/body/crc.js";

const crcOf = (algorithm: CrcAlgorithm, ...pieces: Uint8Array[]): Buffer => {
  const crc = createCrc(algorithm);
  for (const piece of pieces) {
    crc.update(piece);
  }
  return crc.digest();
};

// https://reveng.sourceforge.io/crc-catalogue/all.htm
test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
] as const)("returns the check value of %s's catalogue entry, at once or in pieces", (algorithm, check) => {
  expect(crcOf(algorithm, Buffer.from("123456789")).toString("hex")).toBe(check);
  expect(crcOf(algorithm, Buffer.from("12345"), Buffer.from("6789")).toString("hex")).toBe(check);
});

test.each(CRC_ALGORITHMS)("returns the %s of all bytes from that of each part", (algorithm) => {
  const part = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const crcs = parts.map((bytes) => ({ size: bytes.length, crc: crcOf(algorithm, bytes) }));
      expect(combineCrcs(algorithm, crcs)).toEqual(crcOf(algorithm, ...parts));
    }),
  );
});

test("returns zlib's CRC32 of a large object from that of its parts", () => {
  const parts = Array.from({ length: 3 }, (_, index) => Buffer.alloc(5 * 2 ** 20 + index, index + 1));
  const crcs = parts.map((bytes) => ({ size: bytes.length, crc: crcOf("CRC32", bytes) }));
  const expected = Buffer.alloc(4);
  expected.writeUInt32BE(crc32(Buffer.concat(parts)));
  expect(combineCrcs("CRC32", crcs)).toEqual(expected);
});
