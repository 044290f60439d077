import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { argsortFloat32, argsortFloat64 } from "../src/argsort.js";

const finite = { noNaN: true, noDefaultInfinity: true };

/** The same by comparison: JavaScript's sort is stable. */
function compareSort(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
}

describe("argsortFloat32 and argsortFloat64", () => {
  test("sorts 32-bit floats and keeps the order of equal ones", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.float(finite), fc.integer({ min: -3, max: 3 }))), (numbers) => {
        const values = Float32Array.from(numbers, (value) => Math.fround(value) + 0);
        expect(Array.from(argsortFloat32(values))).toEqual(compareSort(values));
      }),
    );
  });

  test("sorts 64-bit floats and keeps the order of equal ones", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double(finite), fc.integer({ min: -3, max: 3 }))), (numbers) => {
        const values = Float64Array.from(numbers, (value) => value + 0);
        expect(Array.from(argsortFloat64(values))).toEqual(compareSort(values));
      }),
    );
  });

  test("sorts 70,000 values as a comparing sort does", () => {
    const values = Float64Array.from({ length: 70_000 }, (_, i) => Math.sin(i * 7919) * 10 ** (i % 9));
    expect(argsortFloat64(values)).toEqual(Int32Array.from(compareSort(values)));
    const floats = Float32Array.from(values, (value) => Math.round(value));
    expect(argsortFloat32(floats.map((value) => value + 0))).toEqual(Int32Array.from(compareSort(floats)));
  });

  test("sorts doubles that differ in their low halves only", () => {
    const values = Float64Array.from({ length: 3000 }, (_, i) => 1 + ((i * 7919) % 3000) * Number.EPSILON);
    expect(Array.from(argsortFloat64(values))).toEqual(compareSort(values));
  });

  test("sorts the largest and the smallest doubles", () => {
    const values = Float64Array.of(5e-324, Number.MAX_VALUE, 0, -Number.MAX_VALUE, -5e-324, 2 ** -1022, 1);
    expect(Array.from(argsortFloat64(values))).toEqual([3, 4, 2, 0, 5, 6, 1]);
  });
});
