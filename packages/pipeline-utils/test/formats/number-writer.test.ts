import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ByteSink } from "../../src/formats/csv/byte-sink.js";
import { putDouble } from "../../src/formats/csv/number-writer.js";
import { runsOf } from "./fuzz.js";

const runs = runsOf(10_000);

function written(value: number): string {
  const sink = new ByteSink(64);
  putDouble(sink, value);
  return Buffer.from(sink.take()).toString("latin1");
}

/** As JavaScript writes a double, but with a point or an exponent in it. */
function expected(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

describe("the text of a double", () => {
  const neighbour = (value: number, steps: number): number => {
    const double = new Float64Array([value]);
    const bits = new BigInt64Array(double.buffer);
    bits[0] = bits[0]! + BigInt(steps);
    return double[0]!;
  };
  const steps = fc.integer({ min: -3, max: 3 });
  test.each<[string, fc.Arbitrary<number>]>([
    ["any", fc.double()],
    ["integers", fc.maxSafeInteger()],
    ["integers beyond 2^53", fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }).map(Number)],
    ["of common sizes", fc.double({ min: -1e10, max: 1e10, noNaN: true })],
    [
      "of up to 17 digits",
      fc
        .tuple(fc.bigInt({ min: 1n, max: 10n ** 17n }), fc.integer({ min: -22, max: 0 }))
        .map(([digits, exponent]) => Number(`${digits}e${exponent}`)),
    ],
    [
      "beside powers of ten",
      fc
        .tuple(fc.integer({ min: -7, max: 11 }), steps)
        .map(([exponent, step]) => neighbour(Number(`1e${exponent}`), step)),
    ],
    [
      "beside powers of two",
      fc
        .tuple(fc.integer({ min: -20, max: 40 }), steps)
        .map(([exponent, step]) => neighbour(2 ** exponent, step)),
    ],
    [
      "beside short decimals",
      fc
        .tuple(fc.integer(), fc.integer({ min: 0, max: 9 }), steps)
        .map(([digits, decimals, step]) => neighbour(digits / 10 ** decimals, step)),
    ],
    [
      "halves of powers of two",
      fc
        .tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 60 }))
        .map(([whole, power]) => whole / 2 ** power),
    ],
  ])("equals JavaScript's, with a point: %s", (_, doubles) => {
    fc.assert(
      fc.property(doubles, (value) => {
        expect(written(value)).toBe(expected(value));
      }),
      runs,
    );
  });
});
