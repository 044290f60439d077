import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { TrainProgram } from "./support/train-program.js";

/** Rows from which on the search of the grid is shared out over threads, and takes seconds. */
const large = sampleDataset({ rows: 500_000 });

let program: TrainProgram;
beforeAll(async () => {
  program = await TrainProgram.start();
});
afterAll(() => program.stop());

describe("a search among 500,000 rows", () => {
  test("logs a warning when its search can start no threads", async () => {
    const bucket = await program.bucketWith(large);
    const withoutThreads = `
      import threads from "node:worker_threads";
      import { syncBuiltinESMExports } from "node:module";
      threads.Worker = class { constructor() { throw new Error("no threads here"); } };
      syncBuiltinESMExports();`;
    const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(withoutThreads)}`;
    const env = { NODE_OPTIONS, LOG_FORMAT: "json" };
    const { output } = await program.run([bucket, "0.8", "0.9"], env, "no threads here");
    const lines = output.trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual({
      timestamp: expect.any(String),
      level: "WARNING",
      module: "train_model.main",
      message: "A search of trees runs in one thread, since no other could be started: no threads here",
    });
    expect(output.match(/no threads here/g)).toHaveLength(1);
  });

  test("writes nothing after a signal or a deadline in the first growths of a large search", async () => {
    const bucket = await program.bucketWith(large);
    const stopped = await program.run([bucket, "0.8", "0.9"], {}, "Retrieved dataset");
    expect(stopped.output).toContain(
      "ERROR - train_model.main - Error encountered when training model - stopped by SIGTERM\n",
    );
    const late = await program.run([bucket, "0.8", "0.9", "--max-seconds", "0.7"]);
    expect(late.output).toContain("the stage took longer than --max-seconds 0.7\n");
    for (const { code, output } of [stopped, late]) {
      expect(output).not.toContain("Trained model");
      expect(code).toBe(1);
    }
    expect(await program.models(bucket)).toEqual([]);
  });
});
