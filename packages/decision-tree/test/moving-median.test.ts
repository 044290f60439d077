import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { MovingMedian } from "../src/moving-median.js";

/** Sum of distances to the median, by the definition. */
function errorOf(labels: readonly number[]): number {
  const sorted = [...labels].sort((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return labels.reduce((sum, label) => sum + Math.abs(label - median), 0);
}

test("returns the absolute error of every prefix and suffix, in any order and with ties", () => {
  const labels = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      labels.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length })),
      ),
      ([all, order]) => {
        const sorted = Float64Array.from(all).sort();
        const median = new MovingMedian(all.length);
        median.enter(sorted, Int32Array.from(sorted.keys()), 0, all.length, sorted[all.length >> 1]!);
        median.sumErrors(Int32Array.from(order, (row) => row + 1));
        const along = order.map((row) => sorted[row]!);
        for (let size = 1; size < all.length; size++) {
          expect(median.firstErrors[size]).toBeCloseTo(errorOf(along.slice(0, size)), 9);
          expect(median.lastErrors[size]).toBeCloseTo(errorOf(along.slice(-size)), 9);
        }
      },
    ),
  );
});
