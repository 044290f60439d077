import { describe, expect, test } from "@jest/globals";
import {
  Decimal,
  Float16,
  Float32,
  Float64,
  Int64,
  Int8,
  makeData,
  makeVector,
  Uint64,
  vectorFromArray,
} from "apache-arrow";
import type { Vector } from "apache-arrow";
import { readExactFeatures, readFeatures, readLabels, readWeights } from "../src/column.js";

/** An argument that only a JavaScript caller can pass. */
const untyped: (value: unknown) => number[] = (value) => {
  const holder: { value?: number[] } = {};
  Object.assign(holder, { value });
  return holder.value!;
};

describe("readFeatures", () => {
  test("rounds to 32-bit floats and stores one zero", () => {
    const [column] = readFeatures([[0.1, -0, 16777217]]);
    expect(Array.from(column!)).toEqual([Math.fround(0.1), 0, 16777216]);
  });

  test("copies typed arrays and objects with toArray", () => {
    const typed = Float64Array.of(1, 2);
    const columns = readFeatures([
      typed,
      Int32Array.of(3, 4),
      { nullCount: 0, toArray: () => Float32Array.of(5, 6) },
    ]);
    typed[0] = 9;
    expect(columns.map((column) => Array.from(column))).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  test.each([
    [
      "NaN",
      [
        [1, 2],
        [3, Number.NaN],
      ],
      "X contains NaN: column 1, row 1",
    ],
    ["infinity", [[Infinity, 2]], "X contains infinity: column 0, row 0"],
    [
      "negative infinity in a typed array",
      [Float32Array.of(1, -Infinity)],
      "X contains infinity: column 0, row 1",
    ],
    ["more than a float holds", [[1e39]], "X contains a value too large for float32, 1e+39: column 0, row 0"],
    ["no column", [], "X has 0 feature(s) while a minimum of 1 is required"],
    ["no row", [[], []], "X has 0 sample(s) while a minimum of 1 is required"],
    ["columns of different lengths", [[1, 2], [3]], "X column 1 has 1 rows, expected 2"],
    ["missing values", [{ nullCount: 2, toArray: () => [0, 0] }], "X column 0 contains 2 missing value(s)"],
    ["null", [untyped([1, null])], "X column 0 row 1 is null, expected a number"],
    ["text", [untyped(["1"])], "X column 0 row 0 is string, expected a number"],
    ["a hole", [untyped(new Array(1))], "X column 0 row 0 is undefined, expected a number"],
    ["big integers", [untyped(BigInt64Array.of(1n))], "X column 0 row 0 is bigint, expected a number"],
    ["a number for a column", [untyped(7)], "X column 0 is 7, expected a column of numbers"],
    ["null for a column", [untyped(null)], "X column 0 is null, expected a column of numbers"],
    ["an object for a column", [untyped({})], "X column 0 has no length, expected a column of numbers"],
  ])("rejects %s", (_, columns, message) => {
    expect(() => readFeatures(columns)).toThrow(message);
  });
});

describe("an Arrow vector", () => {
  const decimals = (type: Decimal, words: number[]) =>
    makeVector(makeData({ type, length: words.length / 4, data: Uint32Array.from(words) }));

  test.each<[string, Vector, number[]]>([
    ["16-bit floats", vectorFromArray([1.5, -2], new Float16()), [1.5, -2]],
    ["32-bit floats", vectorFromArray([0.5], new Float32()), [0.5]],
    ["8-bit integers", vectorFromArray([-3, 4], new Int8()), [-3, 4]],
    ["64-bit integers", vectorFromArray([-5n, 2n ** 53n], new Int64()), [-5, 2 ** 53]],
    ["unsigned 64-bit integers", vectorFromArray([7n], new Uint64()), [7]],
    [
      "decimals",
      decimals(new Decimal(2, 10, 128), [150, 0, 0, 0, 2 ** 32 - 33, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1]),
      [1.5, -0.33],
    ],
    [
      "several batches",
      vectorFromArray([1n], new Int64()).concat(vectorFromArray([2n], new Int64())),
      [1, 2],
    ],
  ])("returns the values of %s", (_, vector, values) => {
    expect(Array.from(readLabels(vector))).toEqual(values);
    expect(readExactFeatures([vector], values.length)).toEqual([Float64Array.from(values)]);
  });

  test.each<[string, Vector, string]>([
    [
      "a timestamp",
      vectorFromArray([new Date(0)]),
      "X column 1 has the Arrow type Timestamp<MILLISECOND>, expected",
    ],
    ["a boolean", vectorFromArray([true]), "X column 1 has the Arrow type Bool, expected numbers"],
    [
      "text",
      vectorFromArray(["1"]),
      "X column 1 has the Arrow type Dictionary<Int32, Utf8>, expected numbers",
    ],
    [
      "an integer beyond 2^53",
      vectorFromArray([2n ** 53n + 1n], new Int64()),
      "X column 1 row 0 of the Arrow type Int64 is 9007199254740993, expected at most 2^53",
    ],
    [
      "a decimal beyond 2^53",
      decimals(new Decimal(1, 38, 128), [0, 2 ** 22, 0, 0]),
      "is 18014398509481984e-1, expected at most 2^53 before the scale of 1 is applied",
    ],
    ["a missing value", vectorFromArray([1, null], new Float64()), "X column 1 contains 1 missing value(s)"],
  ])("rejects %s by column and type", (_, vector, message) => {
    expect(() => readFeatures([[1], vector], 1)).toThrow(message);
  });
});

describe("readExactFeatures", () => {
  test("keeps 64-bit floats, NaN and infinities", () => {
    expect(readExactFeatures([[0.1, Number.NaN], Float32Array.of(-Infinity, 2)], 2)).toEqual([
      Float64Array.of(0.1, Number.NaN),
      Float64Array.of(-Infinity, 2),
    ]);
  });

  test.each([
    ["another number of rows", [[1, 2, 3]], "X column 0 has 3 rows, expected 2"],
    ["text", [untyped([1, "2"])], "X column 0 row 1 is string, expected a number"],
  ])("rejects %s", (_, columns, message) => {
    expect(() => readExactFeatures(columns, 2)).toThrow(message);
  });
});

describe("readLabels", () => {
  test("keeps 64-bit floats and stores one zero", () => {
    expect(Array.from(readLabels([0.1, -0]))).toEqual([0.1, 0]);
  });

  test.each([
    [[1, Number.NaN], "y contains NaN: row 1"],
    [[-Infinity], "y contains infinity: row 0"],
    [[-2e140], "y row 0 is -2e+140: labels beyond ±1e140 overflow when their sums are squared"],
    [{ nullCount: 1, toArray: () => [0] }, "y contains 1 missing value(s)"],
  ])("rejects %p", (labels, message) => {
    expect(() => readLabels(labels)).toThrow(message);
  });
});

describe("readWeights", () => {
  test("keeps weights, zeros among them", () => {
    expect(readWeights([0, 1e-12, 1e6], 3)).toEqual(Float64Array.of(0, 1e-12, 1e6));
  });

  test.each<[number[], string]>([
    [[1, 2], "sampleWeight has 2 rows, expected 3"],
    [[1, -1, 1], "sampleWeight row 1 is -1, expected 0 or a number from 1e-12 to 1e6"],
    [[1, 1, Number.NaN], "sampleWeight row 2 is NaN, expected 0 or a number from 1e-12 to 1e6"],
    [[1e7, 1, 1], "sampleWeight row 0 is 10000000, expected 0 or a number from 1e-12 to 1e6"],
    [[0, 0, 0], "sampleWeight has no positive weight"],
  ])("rejects %p", (weights, message) => {
    expect(() => readWeights(weights, 3)).toThrow(message);
  });
});
