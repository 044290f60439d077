import { readFile } from "node:fs/promises";
import { text as readStream } from "node:stream/consumers";

import type { S3Client } from "@aws-sdk/client-s3";

import { listArtefacts } from "../aws/artefacts/find-artefacts.js";
import { addressOf } from "../aws/artefacts/location.js";
import type { VerificationCheck } from "../aws/models/custody.js";
import { isJsonObject, parseJson } from "../aws/models/json-value.js";
import type { JsonObject } from "../aws/models/json-value.js";
import { MODELS_FOLDER } from "../aws/registry/list-models.js";
import { verifyModel } from "../aws/registry/verify-model.js";
import type { ModelVerification } from "../aws/registry/verify-model.js";
import { ArtefactNotFoundError } from "../errors.js";
import { textArgument } from "../stage/program/argument.js";
import { InvalidArgumentsError } from "../stage/program/errors.js";
import { bucket, subcommand } from "./subcommand.js";
import { renderFields, renderTable, showValue } from "./table.js";

/** The one line of a model, as `model_version` has it. */
const VERSION =
  /^name:(?<name>.*)\|model_type:(?<type>.*)\|model_timestamp:(?<time>[^|]*)\|model_hash:(?<hash>[^|]*)\|train_dataset_key:(?<datasetKey>.*)\|train_dataset_hash:(?<datasetHash>[^|]*)\|pipeline_git_commit_hash:(?<commit>[^|]*)$/;

/** The parts of a saved answer that tell of its model. */
interface SavedAnswer {
  /** Value of the header `x-model-key`. */
  readonly key: string | undefined;
  /** `model_version` of the body. */
  readonly version: string | undefined;
  /** All other fields of the body. */
  readonly prediction: JsonObject;
}

/** One step from the answer to the commit. */
interface TraceCheck extends Pick<VerificationCheck, "status" | "detail"> {
  readonly name: string;
}

export const trace = subcommand({
  words: "predictions trace",
  description: "Goes from a saved answer to its model, dataset and commit, and verifies each.",
  example: "my-bucket answer.txt      # saved by curl --include",
  exitCodes: "3 a check failed",
  arguments: {
    bucket,
    file: textArgument({
      name: "FILE",
      description: "the answer's body, its headers, or both; - for standard input",
      expected: "a file",
    }),
  },
  async run(values, { client }) {
    const answer = parseAnswer(await readInput(values.file), values.file);
    const keys = answer.key === undefined ? await findKeys(values.bucket, answer, client) : [answer.key];
    const candidates = [];
    for (const key of keys) {
      const verification = await verifyModel(values.bucket, key, { client });
      candidates.push({
        key,
        checks: [...checkVersion(answer, verification), ...verification.checks],
        verification,
      });
    }
    const isOk = candidates.every(({ checks }) => checks.every(({ status }) => status !== "failed"));
    const several = candidates.length > 1 ? [`${candidates.length} models have this name and time:`, ""] : [];
    const text = [...several, ...candidates.map((each) => renderCandidate(answer, each))].join("\n\n");
    const json = candidates.map(({ key, checks, verification }) => ({ ...verification, key, checks }));
    return { text, json: { ok: isOk, ...answer, candidates: json }, exitCode: isOk ? 0 : 3 };
  },
});

function renderCandidate(
  { prediction }: SavedAnswer,
  {
    key,
    checks,
    verification,
  }: { key: string; checks: readonly TraceCheck[]; verification: ModelVerification },
): string {
  const { trainDataset, creationTime, modelType, pipelineGitCommitHash } = verification;
  const shown = Object.entries(prediction).map(([name, value]) => `${name} ${showValue(value)}`);
  const fields = renderFields({
    prediction: shown.join(", ").slice(0, 200),
    model: key,
    type: modelType,
    created: creationTime.toISOString(),
    dataset: addressOf(trainDataset.bucket, trainDataset.key),
    commit: pipelineGitCommitHash,
  });
  const rows = checks.map(({ status, name, detail }) => [status, name, detail]);
  return `${fields}\n\n${renderTable(["status", "check", "detail"], rows)}`;
}

async function readInput(file: string): Promise<string> {
  if (file === "-") {
    return readStream(process.stdin);
  }
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentsError(`FILE is ${JSON.stringify(file)}: ${fault}`, { cause: error });
  }
}

/**
 * Read an answer as it was saved: headers, body, or both as `curl --include` writes them.
 *
 * @throws {InvalidArgumentsError} It names no model.
 */
function parseAnswer(text: string, file: string): SavedAnswer {
  const body = parseBody(text);
  const { model_version: version, ...prediction } = body;
  const key = /^x-model-key:[ \t]*(\S+)[ \t]*\r?$/im.exec(text)?.[1];
  if (key === undefined && typeof version !== "string") {
    throw new InvalidArgumentsError(
      `FILE is ${JSON.stringify(file)}: it has neither a header x-model-key nor a model_version in a JSON object`,
    );
  }
  return { key, version: typeof version === "string" ? version : undefined, prediction };
}

/** The JSON object at the end of the text; `{}` if there is none. */
function parseBody(text: string): JsonObject {
  const start = /^\s*\{/m.exec(text);
  if (start === null) {
    return {};
  }
  try {
    const value = parseJson(text.slice(start.index));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Find the models of the name and time in `model_version`. Other forms of one timestamp make several. */
async function findKeys(of: string, { version = "" }: SavedAnswer, client: S3Client): Promise<string[]> {
  const { name, time = "" } = VERSION.exec(version)?.groups ?? {};
  if (name === undefined) {
    throw new InvalidArgumentsError(
      `model_version is ${JSON.stringify(version)}, expected name:…|model_type:…|…`,
    );
  }
  const keys: string[] = [];
  const where = { folder: MODELS_FOLDER, filenamePrefix: name, client };
  for await (const { key, timestamp } of listArtefacts("json", of, where)) {
    if (timestamp.getTime() === Date.parse(time)) {
      keys.push(key);
    }
  }
  if (keys.length === 0) {
    throw new ArtefactNotFoundError(
      `${addressOf(of, `${MODELS_FOLDER}/`)}: no model is named ${JSON.stringify(name)} and dated ${time}; was it deleted?`,
    );
  }
  return keys;
}

/** Check the answer's `model_version` against the model's file. */
function checkVersion({ version }: SavedAnswer, found: ModelVerification): TraceCheck[] {
  const named = version === undefined ? undefined : VERSION.exec(version)?.groups;
  if (named === undefined) {
    return [{ name: "answer", status: "not covered", detail: "the answer has no model_version" }];
  }
  const { name, modelType, creationTime, modelHash, trainDataset, pipelineGitCommitHash } = found;
  const parts = {
    name: [named.name, name],
    type: [named.type, modelType],
    time: [named.time, creationTime.toISOString()],
    hash: [named.hash, modelHash],
    "dataset key": [named.datasetKey, trainDataset.key],
    "dataset hash": [named.datasetHash, trainDataset.hash],
    commit: [named.commit, pipelineGitCommitHash],
  };
  const wrong = Object.entries(parts).filter(([, [said, is]]) => said !== is);
  const faults = wrong.map(([part, [said, is]]) => `${part} is ${is ?? ""}, the answer says ${said ?? ""}`);
  return [
    {
      name: "answer",
      status: wrong.length === 0 ? "ok" : "failed",
      detail: `${found.address}: ${faults.length === 0 ? "model_version is that of the file" : faults.join("; ")}`,
    },
  ];
}
