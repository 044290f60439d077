import { describe, expect, test } from "@jest/globals";
import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { chiSquareQuantile } from "../../src/monitoring/chi-square.js";
import { columnDrift, driftBins, profileColumn } from "../../src/monitoring/index.js";
import { seededRandom } from "../support/seeded-random.js";

const REFERENCE_ROWS = 1_000;
const LOOKS = 400;
const orders: Feature = { name: "orders", type: "number", minimum: 0 };
const product: Feature = { name: "product", type: "category", categories: ["A", "B", "C", "D", "E"] };
const CUMULATIVE_SHARES = [0.4, 0.7, 0.85, 0.95, 1];

interface Draw {
  readonly name: string;
  readonly feature: Feature;
  readonly value: (random: () => number) => number;
}

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const uniform: Draw = { name: "uniform", feature: orders, value: (random) => 100 + 400 * random() };
const skewed: Draw = { name: "skewed", feature: orders, value: (random) => Math.exp(3 + normal(random)) };
const categorical: Draw = {
  name: "categorical",
  feature: product,
  value: (random) => {
    const at = random();
    return CUMULATIVE_SHARES.findIndex((share) => at < share);
  },
};

/** The shares of looks with an alarm, each at new rows beside the profile of other rows. */
function alarms({ feature, value }: Draw, rows: number, factor = 1, looks = LOOKS) {
  const random = seededRandom(19 + rows);
  const draw = (count: number, by: number) => Array.from({ length: count }, () => by * value(random));
  let shifted = 0;
  let outside = 0;
  for (let look = 0; look < looks; look += 1) {
    const profile = profileColumn(draw(REFERENCE_ROWS, 1), feature);
    const drift = columnDrift(profile, feature, draw(rows, factor));
    shifted += drift.isShifted ? 1 : 0;
    outside += drift.isOutside ? 1 : 0;
  }
  return { shifted: shifted / looks, outside: outside / looks };
}

// scipy.stats.chi2.ppf of SciPy 1.10.
test.each([
  [0.999, 1, 10.827566170662733],
  [0.999, 2, 13.815510557964274],
  [0.999, 9, 27.877164871256568],
  [0.999, 49, 85.35056460859305],
  [0.5, 3, 2.3659738843753377],
  [0.01, 10, 2.5582121601872063],
  [0.999, 1_000, 1143.9170926196791],
])(
  "returns scipy's quantile %d of chi-square with %i degrees of freedom",
  (probability, degrees, expected) => {
    expect(chiSquareQuantile(probability, degrees) / expected).toBeCloseTo(1, 8);
  },
);

describe("columnDrift", () => {
  test("returns the index by its formula", () => {
    const profile = profileColumn([0, 0, 0, 1], { name: "express", type: "boolean" });
    const { rows, index, threshold } = columnDrift(profile, { name: "express", type: "boolean" }, [
      0,
      1,
      1,
      NaN,
    ]);
    // Shares, each with half a row: 3.5/5 and 1.5/5 in training; 1.5/4 and 2.5/4 now.
    const expected = (0.375 - 0.7) * Math.log(0.375 / 0.7) + (0.625 - 0.3) * Math.log(0.625 / 0.3);
    expect([rows, index]).toEqual([3, expect.closeTo(expected, 12)]);
    expect(threshold).toBeCloseTo(10.827566170662733 * (1 / 3 + 1 / 4), 8);
  });

  test("counts categories beyond the most frequent as one, and a profile of one value as one bin", () => {
    const categories = Array.from({ length: 60 }, (_, index) => `C${index}`);
    const feature: Feature = { name: "product", type: "category", categories };
    const values = Float64Array.from({ length: 600 }, (_, row) =>
      row % 10 === 0 ? (row / 10) % 60 : row % 40,
    );
    const bins = driftBins(profileColumn(values, feature), feature);
    expect(bins.names).toHaveLength(50);
    expect(bins.names.at(-1)).toBe("other");
    expect(bins.reference.reduce((sum, count) => sum + count, 0)).toBe(600);
    const constant = profileColumn([7, 7, 7], orders);
    expect(columnDrift(constant, orders, Float64Array.of(7, 7, 7))).toMatchObject({
      index: expect.any(Number),
    });
  });

  test("counts rows of a category that no training row had as outside", () => {
    const profile = profileColumn([0, 1, 2, 3, 0], product);
    expect(columnDrift(profile, product, [0, 4, 4, 4, 4])).toMatchObject({ outside: 4, isOutside: false });
    expect(columnDrift(profile, product, [4, 4, 4, 4, 4])).toMatchObject({ outside: 5, isOutside: true });
  });

  test.each([uniform, skewed, categorical])(
    "alarms in at most one of a hundred looks at unchanged rows: $name",
    (draw) => {
      for (const rows of [30, 100, 200, 500, 2_000]) {
        const { shifted, outside } = alarms(draw, rows);
        expect([rows, shifted <= 0.01, outside <= 0.01]).toEqual([rows, true, true]);
      }
    },
  );

  test("finds evenly spread numbers that grew by a quarter", () => {
    expect(alarms(uniform, 200, 1.25).shifted).toBeGreaterThanOrEqual(0.9);
    expect(alarms(uniform, 500, 1.25).shifted).toBe(1);
  });

  test("finds a mistake of units in 50 rows", () => {
    expect(alarms(uniform, 50, 60).outside).toBe(1);
    expect(alarms(skewed, 50, 60).outside).toBeGreaterThan(0.99);
  });
});
