import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "@jest/globals";

import * as index from "../src/index.js";

const src = fileURLToPath(new URL("../src/", import.meta.url));
const dist = new URL("../dist/", import.meta.url);

test("exports the documented names", () => {
  const names = [
    "Model S3TimestampedArtefact configureLogger createS3Client findLatestArtefactOnS3 getDatasetFromS3",
    "getLatestCsvDatasetFromS3 getLatestModelFromS3 getLatestParquetDatasetFromS3 getModelFromS3 listArtefacts",
    "makeTimestampedFilename putCsvDatasetToS3 putFileToS3 putObjectToS3 putParquetDatasetToS3 verifyModel",
    "promoteModel rollBackModel getAlias listAliasHistory listModels pruneModels probeServer signModel",
    "readCsv readParquet writeCsv writeParquet",
    "PipelineUtilsError ArtefactNotFoundError ArtefactExistsError ArtefactChangedError InvalidArtefactKeyError",
    "UnsupportedFileFormatError S3AccessError FormatError SerialisationError ModelIntegrityError",
  ].flatMap((line) => line.split(" "));
  for (const name of names) {
    expect(index).toHaveProperty(name);
  }
});

test("opens no socket and loads no heavy library when it is imported", () => {
  const program = `
    import { Module } from "node:module";
    await import(${JSON.stringify(new URL("index.js", dist).href)});
    const sockets = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name));
    const heavy = Object.keys(Module._cache).filter((file) => /node_modules.(papaparse|parquet-wasm)/.test(file));
    console.log(JSON.stringify([...sockets, ...heavy]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { PATH: process.env.PATH ?? "" },
    encoding: "utf8",
  });
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: "[]", stderr: "" });
});

test("loads no storage and no logger when only the formats are imported", () => {
  const program = `
    import { Module } from "node:module";
    const formats = await import("@ml-pipelines/pipeline-utils/formats");
    const libraries = Object.keys(Module._cache).map((file) => /node_modules.(?!.*node_modules.)(@?[^/]+)/.exec(file)?.[1]);
    console.log(JSON.stringify({ names: Object.keys(formats), libraries: [...new Set(libraries)].sort() }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const { names, libraries } = JSON.parse(stdout) as { names: string[]; libraries: string[] };
  expect(names).toEqual([...names].filter((name) => Object.hasOwn(index, name)));
  expect(names).toEqual(
    expect.arrayContaining(["readCsv", "writeCsv", "readParquet", "writeParquet", "FormatError"]),
  );
  expect(libraries).toEqual(["flatbuffers", "tslib"]); // those of apache-arrow
});

test("loads no storage and no tables when only the stage is imported", () => {
  const loaded = new Set(["stage/index.ts"]);
  for (const file of loaded) {
    const text = readFileSync(path.join(src, file), "utf8");
    for (const [, target = ""] of text.matchAll(/^(?:import|export)(?! type)[^;]*? from "(\.[^"]+)"/gm)) {
      loaded.add(path.join(path.dirname(file), target.replace(/\.(c?)js$/, ".$1ts")));
    }
  }
  expect(loaded).toContain("stage/train/run-train-stage.ts");
  expect(
    [...loaded].filter((file) =>
      /^aws\/(?!(?:models\/(?:json-value|row)|registry\/alias-name)\.)|^formats\//.test(file),
    ),
  ).toEqual([]);
});
