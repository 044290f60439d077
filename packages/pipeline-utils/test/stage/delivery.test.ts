import { describe, expect, test } from "@jest/globals";
import type { Feature, Target } from "@ml-pipelines/pipeline-utils";
import { StageError } from "@ml-pipelines/pipeline-utils/stage";

import { checkPrepared } from "../../src/stage/train/delivery.js";

const features: Feature[] = [
  { name: "size", type: "category", categories: ["S", "M"] },
  { name: "orders", type: "number", minimum: 0, maximum: 10, integer: true },
  { name: "express", type: "boolean" },
];
const sample = (size: number, orders: number, express: number) => ({
  columns: [Float64Array.of(0, size), Float64Array.of(1, orders), Float64Array.of(0, express)],
  target: Float64Array.of(1, 2),
});
const GOOD = sample(1, 10, 1);
const TARGET: Target = { name: "hours", type: "number", minimum: 0 };
const ADDRESS = "s3://b/datasets/a_2026-01-01.csv";

describe("checkPrepared", () => {
  test("accepts data that agrees with its features", () => {
    expect(() => {
      checkPrepared({ train: GOOD, test: GOOD, features }, TARGET, ADDRESS);
    }).not.toThrow();
  });

  test.each([
    ["size is 2 in row 1", sample(2, 1, 1)],
    ["size is 0.5 in row 1", sample(0.5, 1, 1)],
    ["orders is -1 in row 1", sample(1, -1, 1)],
    ["orders is 11 in row 1", sample(1, 11, 1)],
    ["orders is 1.5 in row 1", sample(1, 1.5, 1)],
    ["orders is NaN in row 1", sample(1, NaN, 1)],
    ["express is 2 in row 1", sample(1, 1, 2)],
    ["has 2 columns, expected one for each of 3 features", { ...GOOD, columns: GOOD.columns.slice(1) }],
    ["has 0 rows, expected at least 1", { columns: GOOD.columns, target: new Float64Array() }],
    ["size has 2 rows, the target 1", { columns: GOOD.columns, target: Float64Array.of(1) }],
  ])("rejects data that no service would accept, by its address: %s", (message, train) => {
    const check = (): void => {
      checkPrepared({ train, test: GOOD, features }, TARGET, ADDRESS);
    };
    expect(check).toThrow(StageError);
    expect(check).toThrow(`${ADDRESS}: prepare: train`);
    expect(check).toThrow(message);
  });

  test("rejects a value that the target does not allow", () => {
    const speed: Target = { name: "speed", type: "category", categories: ["slow", "fast", "express"] };
    const test = { ...GOOD, target: Float64Array.of(0, -1) };
    expect(() => {
      checkPrepared({ train: GOOD, test, features }, speed, ADDRESS);
    }).toThrow(
      /prepare: test: the target speed is -1 in row 1, expected .*; categories in the schema would name the value/,
    );
  });

  test("rejects a feature named prediction", () => {
    const named: Feature[] = [...features.slice(1), { name: "prediction", type: "boolean" }];
    expect(() => {
      checkPrepared({ train: GOOD, test: GOOD, features: named }, TARGET, ADDRESS);
    }).toThrow("a feature is named prediction, expected another name");
  });
});
