import { describe, expect, test } from "@jest/globals";
import {
  crossValidate,
  DecisionTreeRegressor,
  DummyRegressor,
  GroupKFold,
} from "@ml-pipelines/decision-tree";
import type { Column } from "@ml-pipelines/decision-tree";

const columns = [[1, 2, 3, 4, 5, 6]];
const labels = [1, 1, 2, 2, 5, 5];

describe("crossValidate", () => {
  test("names scores by their scoring, and has no train scores by default", () => {
    const scores = crossValidate(new DummyRegressor(), columns, labels, { cv: 3 });
    expect(scores).toEqual({ testScores: { r2: Float64Array.of(0, 0, 0) } });
  });

  test("calls a scoring with the fitted estimator and the rows of the part", () => {
    const mine = (estimator: DummyRegressor, [x]: readonly Column[], y: Float64Array) => {
      expect(x).toHaveLength(y.length);
      return 10 * estimator.predict([[0]])[0]! + y.length;
    };
    const { testScores, trainScores } = crossValidate(new DummyRegressor(), columns, labels, {
      cv: 3,
      scoring: { mine, error: "neg_mean_absolute_error" },
      returnTrainScore: true,
    });
    expect(testScores).toEqual({
      mine: Float64Array.of(37, 32, 17),
      error: Float64Array.of(-2.5, -1, -3.5),
    });
    expect(trainScores?.mine).toEqual(Float64Array.of(39, 34, 19));
  });

  test("passes groups to the splitter, and weights to the estimator", () => {
    const { testScores } = crossValidate(new DummyRegressor(), columns, labels, {
      cv: new GroupKFold({ nSplits: 2 }),
      groups: ["a", "b", "a", "b", "a", "b"],
      sampleWeight: [0, 0, 0, 0, 1, 1],
      scoring: "neg_mean_absolute_error",
    });
    expect(testScores).toEqual({ neg_mean_absolute_error: Float64Array.of(-7 / 3, -7 / 3) });
  });

  test.each<[object, string]>([
    [{ scoring: "mse" }, 'scoring is "mse", expected "r2", "neg_mean_absolute_error" or a function'],
    [{ scoring: ["r2", "mae"] }, 'scoring is "mae", expected "r2"'],
    [{ scoring: [] }, "scoring is empty"],
    [{ scoring: 3 }, "scoring is 3, expected a name, a list of names, or an object that names scorings"],
    [{ scoring: { mine: () => "high" } }, "the result of scoring is 'high', expected a number"],
    [{ nJobs: 2 }, 'option "nJobs" is unknown, expected cv, scoring, returnTrainScore, groups, sampleWeight'],
    [{ sampleWeight: [1, 2] }, "sampleWeight has 2 rows, expected 6"],
  ])("rejects the options %p", (options, message) => {
    expect(() => crossValidate(new DecisionTreeRegressor(), columns, labels, options)).toThrow(message);
  });

  test("rejects weights for an estimator that would ignore them", () => {
    class Unweighted extends DummyRegressor {
      override withParams() {
        return new Unweighted();
      }
      override fit(features: readonly Column[], y: Column) {
        return super.fit(features, y);
      }
    }
    expect(() => crossValidate(new Unweighted(), columns, labels, { sampleWeight: labels })).toThrow(
      "sampleWeight is given, but the estimator's fit takes columns and labels only",
    );
  });
});
