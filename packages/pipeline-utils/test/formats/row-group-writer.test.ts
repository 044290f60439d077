import { describe, expect, test } from "@jest/globals";
import { writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import {
  Float64,
  Int32,
  makeData,
  makeVector,
  Table,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { DataType, Vector } from "apache-arrow";
import { isMostlyDistinct } from "../../src/formats/parquet/row-group-writer.js";
import { bytesOf } from "./bytes.js";

const ROWS = 100_000;
const numbers = (of: (row: number) => number): Float64Array =>
  Float64Array.from({ length: ROWS }, (_, row) => of(row));

describe("isMostlyDistinct", () => {
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
    ["floats with 1,000 distinct values", makeVector(numbers((row) => (row * 7919) % 1000)), false],
    [
      "floats with 5,000 distinct values",
      makeVector(numbers((row) => Math.round(1e6 * Math.sin(row)) % 5000)),
      false,
    ],
    ["sorted floats, each in three rows", makeVector(numbers((row) => Math.floor(row / 3))), false],
    ["a short column", makeVector(numbers((row) => row).subarray(0, 100)), false],
    [
      "a column of nearly only nulls",
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
      "a column with some nulls",
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
  ])("judges %s", (_, { data }, expected) => {
    expect(isMostlyDistinct(data)).toBe(expected);
  });

  test("judges all parts of a column together", () => {
    const part = (start: number): ReturnType<typeof makeData> =>
      makeData({ type: new Float64(), length: 600, data: numbers((row) => row + start).subarray(0, 600) });
    expect(isMostlyDistinct([part(0), part(600)])).toBe(true);
    expect(isMostlyDistinct([part(0), part(0), part(0)])).toBe(false);
  });
});

test("writes values that all differ without a dictionary", async () => {
  const file = await bytesOf(writeParquet(new Table({ f: makeVector(numbers((row) => Math.sin(row))) })));
  expect(file.length).toBeLessThan(ROWS * 8 * 1.01);
});
