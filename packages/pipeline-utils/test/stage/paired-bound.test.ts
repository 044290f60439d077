import { describe, expect, test } from "@jest/globals";

import { compareErrors } from "../../src/stage/train/paired-bound.js";
import { seededRandom } from "../support/seeded-random.js";

const DRAWS = 400;
const ROWS = 200;

/**
 * The share of challengers that are refused. Both models miss by the same noise of the row, and each by its own error.
 *
 * @param factor - How many times the champion's errors the challenger's are.
 */
function refused(factor: number, rows = ROWS): number {
  const random = seededRandom(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let count = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const noise = Float64Array.from({ length: rows }, () => normal());
    const errors = (): Float64Array => noise.map((value) => Math.abs(value + 0.5 * normal()));
    const champion = errors();
    const challenger = errors().map((error) => factor * error);
    count += compareErrors(champion, challenger).isWorse ? 1 : 0;
  }
  return count / DRAWS;
}

describe("compareErrors", () => {
  test("refuses at most 10 % of equal challengers, and at least 90 % of those that are worse by 25 %", () => {
    expect(refused(1)).toBeLessThanOrEqual(0.1);
    expect(refused(1.25)).toBeGreaterThanOrEqual(0.9);
    expect(refused(0.9)).toBeLessThanOrEqual(0.01);
  });

  test("refuses about 5 % of equal challengers in few rows, where normal quantiles would refuse more", () => {
    expect(refused(1, 6)).toBeLessThanOrEqual(0.08);
  });

  test("returns both means, and refuses no equal errors", () => {
    const [champion, challenger] = [Float64Array.of(1, 2, 3), Float64Array.of(2, 3, 4.5)];
    const { isWorse, ...figures } = compareErrors(champion, challenger);
    expect(figures).toEqual({ rows: 3, champion: 2, challenger: 9.5 / 3 });
    expect(isWorse).toBe(true);
    expect(compareErrors(champion, champion).isWorse).toBe(false);
  });
});
