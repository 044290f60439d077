import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { TrainProgram } from "./support/train-program.js";

const SCRIPT = fileURLToPath(new URL("../../../docs/predict_model.py", import.meta.url));
const PYTHON = "python3";
const hasPython = spawnSync(PYTHON, ["--version"]).status === 0;
if (!hasPython) {
  process.stderr.write("SKIPPED: no python3, so docs/predict_model.py did not run here\n");
}

(hasPython ? describe : describe.skip)("docs/predict_model.py", () => {
  let program: TrainProgram;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    program = await TrainProgram.start();
    folder = await mkdtemp(path.join(tmpdir(), "predict-model-"));
    const bucket = await program.bucketWith(sampleDataset());
    await program.run([bucket, "0.8", "0.9"]);
    file = await program.readModel(bucket);
  });
  afterAll(async () => {
    await program.stop();
    await rm(folder, { recursive: true });
  });

  async function run(text: string) {
    const model = path.join(folder, "model.json");
    await writeFile(model, text);
    const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT, model], { encoding: "utf8" });
    return { status, stdout, stderr };
  }

  test("reproduces every example of a trained model", async () => {
    expect(await run(file)).toEqual({ status: 0, stdout: "15 of 15 examples reproduced\n", stderr: "" });
  });

  test("ends with 1 when an example is another", async () => {
    const changed = file.replace(/("prediction": ?)[\d.]+/, "$1-1");
    expect(await run(changed)).toMatchObject({ status: 1, stdout: "14 of 15 examples reproduced\n" });
  });

  test("rejects a category that the model does not know", async () => {
    const { status, stderr } = await run(file.replace(/("product_code": ?)"SKU001"/, '$1"SKU999"'));
    expect(stderr).toContain("ValueError: 'SKU999' is not in list");
    expect(status).toBe(1);
  });

  test("keeps to 20 lines", async () => {
    expect((await readFile(SCRIPT, "utf8")).trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });
});
