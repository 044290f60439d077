import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
// As built: threads load a file of their own, which is there after the build only.
import { DecisionTreeRegressor, GridSearchCV } from "../dist/index.js";
import { runInThreads } from "../dist/search-threads.js";
import { groupPoints } from "../src/pruning.js";
import { runTasks } from "../src/search-task.js";
import type { DoneTask, SearchData, SearchTask } from "../src/search-task.js";
import { countThreads, runInThreads as runInThreadsOfSource } from "../src/search-threads.js";
import { sortTrainingSet } from "../src/training-set.js";

const rows = 500;
const features = [
  Float32Array.from({ length: rows }, (_, row) => (row * 37) % 11),
  Float32Array.from({ length: rows }, (_, row) => (row * row) % 401),
];
const labels = Float64Array.from({ length: rows }, (_, row) => features[0]![row]! + Math.sin(row));

const points = (["squared_error", "absolute_error"] as const).flatMap((criterion) =>
  [2, null].flatMap((maxDepth) =>
    [1, 4].map((minSamplesLeaf) => new DecisionTreeRegressor({ criterion, maxDepth, minSamplesLeaf }).params),
  ),
);
const tasks: SearchTask[] = [0, 1, 2].flatMap((fold) =>
  [0, 1].map((group) => ({ kind: "score", fold, group }) as const),
);
tasks.push({ kind: "grow", params: points[7]! });

/** @param minRowsToCode - 0: features of few values are coded. */
function searchData(minRowsToCode: number): SearchData {
  return {
    features,
    labels,
    folds: [0, 1, 2].map((fold) => ({
      train: Int32Array.from({ length: 400 }, (_, i) => (fold * i) % rows),
      test: Int32Array.from({ length: 100 }, (_, i) => fold + 3 * i),
    })),
    scoring: "r2",
    groups: [0, 1, 2].map(() => groupPoints(points)),
    all: sortTrainingSet(features, labels, undefined, minRowsToCode),
  };
}

/** Answers by task. Through JSON, since those of threads are arrays of another realm than the test's. */
async function collect(done: AsyncIterable<DoneTask> | Iterable<DoneTask>) {
  const answers = new Map<string, string>();
  for await (const { task, answer } of done) {
    answers.set(JSON.stringify(task), JSON.stringify(answer));
  }
  return answers;
}

describe("runInThreads", () => {
  test.each([0, Infinity])(
    "returns the same bits as one thread, with features coded from %p rows",
    async (minRows) => {
      const data = searchData(minRows);
      const expected = await collect(runTasks(data, tasks));
      expect(expected.size).toBe(tasks.length);
      expect(await collect(runInThreads(data, tasks, undefined))).toEqual(expected);
    },
  );

  describe("runInThreads without further threads", () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    const expectInOneThread = async (run: typeof runInThreads, reason: string) => {
      const warn = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
      const data = searchData(0);
      const expected = await collect(runTasks(data, tasks));
      expect(await collect(run(data, tasks, undefined))).toEqual(expected);
      expect(await collect(run(data, tasks, undefined))).toEqual(expected);
      expect(warn.mock.calls).toEqual([
        [
          expect.stringMatching(
            `^A search of trees runs in one thread, since no other could be started: ${reason}$`,
          ),
          "SearchThreads",
        ],
      ]);
    };

    test("runs the tasks in this thread and warns once when no thread can be started", async () => {
      // Beside the source there is no built file that a thread could load.
      await expectInOneThread(runInThreadsOfSource, "(?:Error: )?Cannot find module '.*search-worker.js'.*");
    });

    test("runs the tasks in this thread and warns once when memory is short", async () => {
      jest.spyOn(process, "availableMemory").mockReturnValue(0);
      await expectInOneThread(runInThreads, "there is too little free memory");
    });
  });

  test("throws the error of a thread", async () => {
    const broken = [...tasks, { kind: "score", fold: 9, group: 0 } as const];
    await expect(collect(runInThreads(searchData(0), broken, undefined))).rejects.toThrow(
      "Cannot destructure property 'train'",
    );
  });

  test("throws the signal's reason when it is aborted before or between tasks", async () => {
    const controller = new AbortController();
    const running = runInThreads(searchData(0), tasks, controller.signal);
    await running.next();
    controller.abort(new Error("enough"));
    await expect(collect(runInThreads(searchData(0), tasks, controller.signal))).rejects.toThrow("enough");
    await expect(collect(running)).rejects.toThrow("enough");
  });
});

describe("countThreads", () => {
  /** Data of one feature. */
  const dataOf = (size: number): SearchData => {
    const column = new Float32Array(size);
    const y = new Float64Array(size);
    const all = sortTrainingSet([column], y);
    return { features: [column], labels: y, folds: [], scoring: "r2", groups: [], all };
  };

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("returns one thread for each core, but no more than tasks", () => {
    jest.spyOn(process, "availableMemory").mockReturnValue(1e12);
    expect(countThreads(dataOf(10), 1000)).toBe(availableParallelism());
    expect(countThreads(dataOf(10), 1)).toBe(1);
  });

  test("returns no more threads than half of the free memory holds", () => {
    const memory = jest.spyOn(process, "availableMemory").mockReturnValue(100e6);
    expect(countThreads(dataOf(10), 1000)).toBe(1);
    expect(countThreads(dataOf(200_000), 1000)).toBe(0);
    memory.mockReturnValue(70e6);
    expect(countThreads(dataOf(10), 1000)).toBe(0);
  });
});

describe("a large search", () => {
  const size = 500_000;
  const column = Float64Array.from({ length: size }, (_, row) => (row * 7919) % 499_979);
  const grid = { criterion: ["absolute_error"] as const, minSamplesLeaf: [1, 2, 3, 4] };

  test("stops at its signal in the middle of its first growths", async () => {
    const seen: unknown[] = [];
    const search = new GridSearchCV(new DecisionTreeRegressor(), grid, {
      signal: AbortSignal.timeout(50),
      onProgress: (progress) => seen.push(progress),
    });
    await expect(search.fit([column, column.toReversed()], column)).rejects.toThrow("timeout");
    // In this thread, the signal would not be seen before a growth is done.
    expect(seen).toEqual([]);
  });

  test("leaves no thread that would keep the process running", async () => {
    const program = `
      import { DecisionTreeRegressor, GridSearchCV } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
      const column = Float64Array.from({ length: ${size} }, (_, row) => (row * 7919) % 499979);
      const search = new GridSearchCV(new DecisionTreeRegressor(), ${JSON.stringify(grid)}, {
        signal: AbortSignal.timeout(500),
        onProgress: () => console.log("a growth was done"),
      });
      await search.fit([column, column.toReversed()], column).catch((error) => console.log(error.message));
      const controller = new AbortController();
      const other = new GridSearchCV(new DecisionTreeRegressor(), ${JSON.stringify(grid)}, {
        signal: controller.signal,
        onProgress: () => controller.abort("enough, between two growths"),
      });
      // Equal labels make short growths; the estimate of the search, and so its threads, do not depend on them.
      await other.fit([column, column.toReversed()], column.map(() => 1)).catch((reason) => console.log(reason));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
    expect(stdout).toBe("The operation was aborted due to timeout\nenough, between two growths\n");
  });
});
