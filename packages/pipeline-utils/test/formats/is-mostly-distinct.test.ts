import { describe, expect, test } from "@jest/globals";
import {
  type DataType,
  Float64,
  Int32,
  makeData,
  makeVector,
  Table,
  TimestampMicrosecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { isMostlyDistinct } from "../../src/formats/parquet/row-group-encoder.js";
import { writeParquet } from "../../src/formats/parquet/write-parquet.js";
import { bytesOf } from "./bytes.js";

const ROWS = 100_000;
const numbers = (of: (row: number) => number): Float64Array =>
  Float64Array.from({ length: ROWS }, (_, row) => of(row));

describe("whether a dictionary of a column's values is worth while", () => {
  test.each<[string, Vector<DataType>, boolean]>([
    ["floats that all differ", makeVector(numbers((row) => row / 7)), true],
    ["integers that all differ", makeVector(Int32Array.from(numbers((row) => row))), true],
    [
      "times that all differ",
      makeVector({
        type: new TimestampMicrosecond(),
        data: BigInt64Array.from(
          numbers((row) => row),
          BigInt,
        ),
      }),
      true,
    ],
    ["floats of 1,000 kinds", makeVector(numbers((row) => (row * 7919) % 1000)), false],
    ["floats of 10,000 kinds", makeVector(numbers((row) => Math.round(1e6 * Math.sin(row)) % 5000)), false],
    ["sorted floats, each in three rows", makeVector(numbers((row) => Math.floor(row / 3))), false],
    ["few rows", makeVector(numbers((row) => row).subarray(0, 100)), false],
    [
      "nearly no values",
      vectorFromArray(
        Array.from(
          numbers((row) => row),
          (row) => (row % 1000 ? null : row),
        ),
        new Float64(),
      ),
      false,
    ],
    [
      "some nulls",
      vectorFromArray(
        Array.from(
          numbers((row) => row),
          (row) => (row % 3 ? row : null),
        ),
        new Int32(),
      ),
      true,
    ],
    [
      "texts",
      vectorFromArray(
        Array.from(
          numbers((row) => row),
          String,
        ),
        new Utf8(),
      ),
      false,
    ],
  ])("%s", (_, { data }, expected) => {
    expect(isMostlyDistinct(data)).toBe(expected);
  });

  test("in parts of all of them", () => {
    const part = (start: number): ReturnType<typeof makeData> =>
      makeData({ type: new Float64(), length: 600, data: numbers((row) => row + start).subarray(0, 600) });
    expect(isMostlyDistinct([part(0), part(600)])).toBe(true);
    expect(isMostlyDistinct([part(0), part(0), part(0)])).toBe(false);
  });
});

test("the file of values that all differ is smaller than a dictionary of them and their numbers in it", async () => {
  const file = await bytesOf(writeParquet(new Table({ f: makeVector(numbers((row) => Math.sin(row))) })));
  expect(file.length).toBeLessThan(ROWS * 8 * 1.01);
});
