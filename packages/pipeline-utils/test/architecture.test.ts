import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "@jest/globals";

import * as index from "../src/index.js";

const src = fileURLToPath(new URL("../src", import.meta.url));
const dist = new URL("../dist/", import.meta.url);

/** What each file imports, both relative to src: `aws/client.ts` imports `aws/client-retry.js`, `@aws-sdk/client-s3`. */
const imports = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    // Not those of the examples in comments.
    const text = readFileSync(path.join(src, file), "utf8").replaceAll(/^ *\*.*$/gm, "");
    const targets = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
    return targets.map((target) => ({
      file,
      target: target.startsWith(".") ? path.join(path.dirname(file), target) : target,
    }));
  });
const offences = (files: RegExp, targets: RegExp): string[] =>
  imports
    .filter(({ file, target }) => files.test(file) && targets.test(target))
    .map(({ file, target }) => `${file} -> ${target}`);

describe("imports go one way", () => {
  test.each([
    ["formats know no S3", /^formats\//, /^aws\/|^logging\/|^@aws-sdk/],
    [
      "artefacts know no formats",
      /^aws\/(artefacts|timestamped-key|etag|client)/,
      /^formats\/|^apache-arrow|^aws\/(datasets|models)|^logging/,
    ],
    ["keys and ETags know nothing", /^aws\/(timestamped-key|etag)/, /^aws\/|^@aws-sdk/],
    ["logging knows nothing", /^logging\//, /^(?!logging\/|node:|winston$)/],
    ["errors know nothing", /^errors/, /./],
    [
      "nothing inside imports an index but another index, and formats by theirs",
      /(?<!index)\.ts$/,
      /^(aws\/|logging\/|ml-cart\/|monitoring\/|stage\/)?index\.js$/,
    ],
    ["the stage imports no command and no model type", /^stage\//, /^ml-cart\/|^command/],
    ["monitoring knows no stage", /^monitoring\//, /^stage\/|^logging\//],
    ["heavy libraries come when they are first used", /./, /^(papaparse|parquet-wasm)$/],
  ])("%s", (_, files, targets) => {
    const isDynamic = (offence: string): boolean => {
      const [file = "", target = ""] = offence.split(" -> ");
      return readFileSync(path.join(src, file), "utf8").includes(`import("${target}")`);
    };
    expect(offences(files, targets).filter((offence) => !isDynamic(offence))).toEqual([]);
  });
});

test("of the AWS SDK only types are imported: aws/s3-sdk.cts requires the rest", () => {
  const importing = [...new Set(imports.map(({ file }) => file))].filter((file) =>
    /^import\s+(?!type\b)[^;]*"@aws-sdk\//m.test(readFileSync(path.join(src, file), "utf8")),
  );
  expect(importing).toEqual([]);
});

test("importing the stage loads no storage and no tables: programs parse their arguments first", () => {
  const loaded = new Set(["stage/index.ts"]);
  for (const file of loaded) {
    const text = readFileSync(path.join(src, file), "utf8");
    for (const [, target = ""] of text.matchAll(/^(?:import|export)(?! type)[^;]*? from "(\.[^"]+)"/gm)) {
      loaded.add(path.join(path.dirname(file), target.replace(/\.js$/, ".ts")));
    }
  }
  expect(loaded).toContain("stage/train/run-train-stage.ts");
  expect([...loaded].filter((file) => /^aws\/(?!models\/json-value)|^formats\//.test(file))).toEqual([]);
});

test("the package exports what the design names", () => {
  const names = [
    "Model S3TimestampedArtefact configureLogger createS3Client findLatestArtefactOnS3 getDatasetFromS3",
    "getLatestCsvDatasetFromS3 getLatestModelFromS3 getLatestParquetDatasetFromS3 getModelFromS3 listArtefacts",
    "makeTimestampedFilename putCsvDatasetToS3 putFileToS3 putObjectToS3 putParquetDatasetToS3 verifyModel",
    "readCsv readParquet writeCsv writeParquet",
    "PipelineUtilsError ArtefactNotFoundError ArtefactExistsError ArtefactChangedError InvalidArtefactKeyError",
    "UnsupportedFileFormatError S3AccessError FormatError SerialisationError ModelIntegrityError",
  ].flatMap((line) => line.split(" "));
  for (const name of names) expect(index).toHaveProperty(name);
});

test("importing the package asks for nothing: no client, no heavy library", () => {
  const program = `
    await import(${JSON.stringify(new URL("index.js", dist).href)});
    const sockets = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name));
    console.log(JSON.stringify(sockets));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { PATH: process.env.PATH ?? "" },
    encoding: "utf8",
  });
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: "[]", stderr: "" });
});
