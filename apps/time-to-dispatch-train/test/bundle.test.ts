import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { TrainProgram } from "./support/train-program.js";

let program: TrainProgram;
beforeAll(async () => {
  program = await TrainProgram.start();
});
afterAll(() => program.stop());

describe("the bundled program, with nothing around the package's files", () => {
  let folder = "";
  let main = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "train-alone-"));
    for (const name of ["dist", "package.json"]) {
      const source = fileURLToPath(new URL(`../${name}`, import.meta.url));
      await cp(source, path.join(folder, name), { recursive: true });
    }
    main = path.join(folder, "dist/main.js");
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("trains and promotes a model, and does nothing with --if-new until its settings change", async () => {
    const bucket = await program.bucketWith(sampleDataset());
    const args = [bucket, "0.8", "0.9", "--promote", "production", "--if-new"];
    expect(await program.run(args, {}, undefined, main)).toMatchObject({ code: 0 });
    const again = await program.run(args, {}, undefined, main);
    expect(again.output).toContain("Nothing new: ");
    const models = await program.models(bucket);
    expect([again.code, models.length]).toEqual([0, 1]);
    const { metadata } = JSON.parse(await program.readModel(bucket)) as { metadata: object };
    expect(metadata).toMatchObject({
      settings: { folds: 5, grid: { minSamplesLeaf: [2, 3, 4, 5, 6, 7, 8, 9, 10] } },
    });

    const command = path.join(folder, "dist/pipeline-utils.js");
    const history = ["models", "history", bucket, "time-to-dispatch", "--alias", "production"];
    const { code, output } = await program.run(history, {}, undefined, command);
    expect([code, output]).toEqual([0, expect.stringContaining(String(models[0]))]);
  });

  test("searches in threads", async () => {
    const bucket = await program.bucketWith(sampleDataset({ rows: 500_000 }));
    const announcedThreads = `
      import threads from "node:worker_threads";
      import { syncBuiltinESMExports } from "node:module";
      threads.Worker = class extends threads.Worker {
        constructor(...args) {
          super(...args);
          this.once("message", () => console.log("a thread has answered"));
        }
      };
      syncBuiltinESMExports();`;
    const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(announcedThreads)}`;
    const env = { NODE_OPTIONS };
    const { output } = await program.run([bucket, "0.8", "0.9"], env, "a thread has answered", main);
    expect(output).toContain("a thread has answered\n");
    expect(output).not.toContain("runs in one thread");
  });
});
