import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseWhole } from "../../src/formats/csv/conversions.js";
import { runsOf } from "./fuzz.js";

test("returns the integer when all its decimals are zeros, wherever the point is", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
      fc.integer({ min: -12, max: 12 }),
      (integer, exponent) => {
        // The same number as integer * 10^exponent, written in two ways.
        const scale = 10n ** BigInt(Math.abs(exponent));
        const whole = exponent >= 0 ? integer * scale : integer / scale;
        const isWhole = exponent >= 0 || integer % scale === 0n;
        expect(parseWhole(`${integer}e${exponent}`)).toBe(isWhole ? whole : undefined);
        expect(parseWhole(`${integer}.000E${exponent}`)).toBe(isWhole ? whole : undefined);
      },
    ),
    runsOf(1000),
  );
});

test.each([
  ["1.5e1", 15n],
  [".5e1", 5n],
  [" -007. ", -7n],
  ["+0.0", 0n],
  ["12345678901234567890.0", 12345678901234567890n],
])("returns the integer of %j", (text, integer) => {
  expect(parseWhole(text)).toBe(integer);
});

test.each(["", ".", "1.5", "15e-2", "1e", "e1", "0x1", "1 2", "--1", "1e9999", "1".repeat(65)])(
  "returns undefined for %j",
  (text) => {
    expect(parseWhole(text)).toBeUndefined();
  },
);
