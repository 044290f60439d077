import { availableParallelism } from "node:os";
import { afterEach, expect, jest, test } from "@jest/globals";
import { countThreads } from "../src/count-threads.js";
import type { SearchData } from "../src/search-task.js";
import { sortTrainingSet } from "../src/training-set.js";

function searchData(rows: number): SearchData {
  const features = [new Float32Array(rows)];
  const labels = new Float64Array(rows);
  return {
    features,
    labels,
    testRows: [],
    scoring: "r2",
    groups: [],
    all: sortTrainingSet(features, labels),
  };
}

afterEach(() => {
  jest.restoreAllMocks();
});

test("one for each core, and for each task", () => {
  jest.spyOn(process, "availableMemory").mockReturnValue(1e12);
  expect(countThreads(searchData(10), 1000)).toBe(availableParallelism());
  expect(countThreads(searchData(10), 1)).toBe(1);
});

test("no more than half of the free memory holds", () => {
  const memory = jest.spyOn(process, "availableMemory").mockReturnValue(100e6);
  expect(countThreads(searchData(10), 1000)).toBe(1);
  expect(countThreads(searchData(200_000), 1000)).toBe(0);
  memory.mockReturnValue(70e6);
  expect(countThreads(searchData(10), 1000)).toBe(0);
});
