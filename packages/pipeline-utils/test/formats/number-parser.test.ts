import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  DECIMAL,
  INTEGER,
  LARGE_INTEGER,
  NOT_A_NUMBER,
  parseNumber,
} from "../../src/formats/csv/number-parser.js";
import { runsOf } from "./fuzz.js";

const runs = runsOf(3000);

/** Parse a text that stands among other bytes. */
function parse(text: string): { kind: number; value: number } {
  const bytes = new Uint8Array(Buffer.from(`9,${text},9`));
  const out = new Float64Array(1);
  const kind = parseNumber(bytes, 2, bytes.length - 2, out, 0);
  return { kind, value: out[0]! };
}

describe("the kinds of number", () => {
  test.each([
    ["0", INTEGER],
    ["-1", INTEGER],
    ["2147483648", INTEGER],
    ["999999999999999", INTEGER],
    ["9007199254740992", INTEGER],
    ["-9007199254740992", INTEGER],
    [" 12 ", INTEGER],
    ["9007199254740993", LARGE_INTEGER],
    ["-9007199254740993", LARGE_INTEGER],
    ["123456789012345678901234567890", LARGE_INTEGER],
    ["-0", DECIMAL],
    ["1.0", DECIMAL],
    [".5", DECIMAL],
    ["5.", DECIMAL],
    ["-.5e-3", DECIMAL],
    ["1E5", DECIMAL],
    ["1.e+3", DECIMAL],
    ["-0e5", DECIMAL],
    ["9007199254740993e1", DECIMAL],
    ["123456789012345e22", DECIMAL],
    ["1.2345678e-15", DECIMAL],
    ["1e23", DECIMAL],
    ["1e-400", DECIMAL],
    ["NaN", DECIMAL],
    ["-Infinity", DECIMAL],
    ["0.000000000000000000000000000000001", DECIMAL],
  ])("recognises %j and its value", (text, kind) => {
    expect(parse(text)).toEqual({ kind, value: Number(text) });
  });

  test.each([
    "",
    "-",
    ".",
    "-.",
    "+1",
    "007",
    "-01",
    "00",
    "1e",
    "1e+",
    "e5",
    "1.2.3",
    "1-2",
    "0x10",
    "1_000",
    "1,5",
  ])("rejects %j", (text) => {
    expect(parse(text).kind).toBe(NOT_A_NUMBER);
  });

  test.each([
    "Inf",
    "infinite",
    "NAN",
    "nana",
    "n",
    "i",
    "-i",
    "--1",
    " ",
    "2021-07-24",
    "1e5e5",
    "01e5",
    "1e5.0",
    "1.5.0e5",
    "१",
    "1\u00a0",
  ])("rejects the unusual %j", (text) => {
    expect(parse(text).kind).toBe(NOT_A_NUMBER);
  });
});

describe("the value of a number", () => {
  const digits = (max: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), minLength: 1, maxLength: max });
  const leading = digits(20).map((text) => text.replace(/^0+(?=\d)/, ""));
  test.each<[string, fc.Arbitrary<string>]>([
    ["doubles in their shortest form", fc.double({ noNaN: true }).map(String)],
    ["digits around a point", fc.tuple(leading, digits(25)).map((parts) => parts.join("."))],
    [
      "many zeros after the point",
      fc.tuple(fc.nat(25), digits(20)).map(([n, rest]) => `0.${"0".repeat(n)}${rest}`),
    ],
    ["midpoints of doubles", fc.bigInt({ min: 0n, max: 2n ** 53n }).map((integer) => `${integer}.5`)],
    [
      "neighbours of midpoints",
      fc
        .bigInt({ min: 2n ** 52n, max: 2n ** 53n })
        .map((n) => `${String(n * 2n + 1n).slice(0, 8)}.${String(n).slice(0, 10)}`),
    ],
    ["integers", leading],
    [
      "exponents",
      fc.tuple(leading, digits(9), fc.integer({ min: -340, max: 320 })).map(([a, b, e]) => `${a}.${b}e${e}`),
    ],
  ])("equals Number(text) for %s", (_, texts) => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isNegative) => {
        const signed = isNegative && !text.startsWith("-") ? `-${text}` : text;
        const { kind, value } = parse(signed);
        expect(kind).not.toBe(NOT_A_NUMBER);
        expect(value).toBe(Number(signed));
      }),
      runs,
    );
  });
});
