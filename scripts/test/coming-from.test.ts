import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import * as pipelineUtils from "@ml-pipelines/pipeline-utils";

const page = readFileSync(
  new URL("../../docs/coming-from-bodywork-pipeline-utils.md", import.meta.url),
  "utf8",
);

/** The names that bodywork-pipeline-utils 0.1.5 defines in its modules aws.datasets, aws.models, aws.artefacts and logging. */
const PYTHON_NAMES = `
  Dataset Dataset.data Dataset.datetime Dataset.bucket Dataset.key Dataset.hash
  get_latest_csv_dataset_from_s3 get_latest_parquet_dataset_from_s3 put_csv_dataset_to_s3 put_parquet_dataset_to_s3
  Model Model.model Model.metadata Model.put_model_to_s3 get_latest_pkl_model_from_s3
  _name _model_type _model_hash _creation_time _pipeline_git_commit_hash _train_dataset_key _train_dataset_hash
  find_latest_artefact_on_s3 S3TimestampedArtefact .obj_key .etag .timestamp .file_format .get
  make_timestamped_filename put_object_to_s3 put_file_to_s3 s3_client configure_logger
`
  .trim()
  .split(/\s+/);

const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const python = rows.map(([, name = ""]) => name).join("\n");
const here = rows.map(([, , name = ""]) => name).join("\n");

test.each(PYTHON_NAMES)("lists the Python name %s", (name) => {
  expect(python).toContain(name);
});

const functions = new Set(Array.from(here.matchAll(/(?<![.\w])([a-z]\w+)\(/g), ([, name]) => name));

test.each([...functions])("names only functions that exist: %s", (name) => {
  expect(pipelineUtils).toHaveProperty(String(name));
});
