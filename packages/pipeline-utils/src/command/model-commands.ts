import { readFile, writeFile } from "node:fs/promises";

import { ArtefactChangedError, ModelIntegrityError } from "../errors.js";
import { addressOf } from "../aws/artefacts/location.js";
import { isJsonObject } from "../aws/models/json-value.js";
import { getModelFromS3 } from "../aws/models/get-model.js";
import { readModelFile } from "../aws/models/read-model-file.js";
import { signModel } from "../aws/models/sign-model.js";
import { readPublicKeys } from "../aws/models/signing-keys.js";
import { listModels } from "../aws/registry/list-models.js";
import { promoteModel } from "../aws/registry/promote-model.js";
import { readAliases } from "../aws/registry/read-registry.js";
import { verifyModel } from "../aws/registry/verify-model.js";
import { renderModelCard } from "../report/model-card.js";
import { flagOption, textArgument, textOption } from "../stage/program/argument.js";
import { InvalidArgumentsError } from "../stage/program/errors.js";
import { diffModels, renderModelDiff } from "./diff-models.js";
import { findModel } from "./find-model.js";
import { bucket, limit, model, name, subcommand } from "./subcommand.js";
import { renderFields, renderTable, showValues } from "./table.js";

const list = subcommand({
  words: "models list",
  description: "Lists the models of a name, newest first, with their metrics and aliases.",
  example: "my-bucket time-to-dispatch --limit 5",
  arguments: { bucket, name, limit },
  async run(values, { client }) {
    const models = await listModels(values.bucket, values.name, { limit: values.limit, client });
    const rows = models.map((each) =>
      "fault" in each
        ? [each.key, "", "unreadable", each.fault, "", each.aliases.join(" "), ""]
        : [
            each.key,
            each.creationTime.toISOString(),
            each.modelType,
            showValues(each.metrics),
            each.pipelineGitCommitHash.slice(0, 12),
            each.aliases.join(" "),
            each.signedBy ?? "",
          ],
    );
    const heads = ["key", "created", "type", "metrics", "commit", "aliases", "signed by"];
    return { text: renderTable(heads, rows), json: models };
  },
});

const show = subcommand({
  words: "models show",
  description: "Shows everything in a model's file except the model itself.",
  example: "my-bucket time-to-dispatch @production",
  arguments: { bucket, name, which: model },
  async run(values, { client }) {
    const key = await findModel(values, client);
    const { file, sha256 } = await readModelFile({ bucket: values.bucket, key }, { client });
    const aliases = (await readAliases(values.bucket, file.name, { client }))
      .filter((each) => each.model.key === key)
      .map((each) => each.alias);
    const fields = Object.fromEntries(Object.entries(file.fields).filter(([field]) => field !== "model"));
    const { metrics, rows } = file.metadata;
    const { trainDataset, features, target } = file;
    const text = renderFields({
      key,
      name: file.name,
      type: file.modelType,
      created: file.creationTime.toISOString(),
      aliases: aliases.join(" "),
      metrics: isJsonObject(metrics) ? showValues(metrics) : undefined,
      rows: isJsonObject(rows) ? showValues(rows) : undefined,
      features: features.map((feature) => `${feature.name} (${feature.type})`).join(", "),
      target: target && `${target.name} (${target.type})`,
      dataset: addressOf(trainDataset.bucket, trainDataset.key),
      "dataset hash": trainDataset.hash,
      "dataset version": trainDataset.versionId,
      commit: file.pipelineGitCommitHash,
      "model hash": file.modelHash,
      "content hash": file.contentHash ?? "none: a file of an older version",
      "signed by": file.signedBy?.keyId ?? "nobody",
      sha256,
    });
    return { text, json: { key, sha256, aliases, ...fields } };
  },
});

const diff = subcommand({
  words: "models diff",
  description: "Compares two models: metrics, parameters, signature, dataset, commit and predictions.",
  example: "my-bucket time-to-dispatch @production latest",
  exitCodes: "3 the models differ",
  arguments: {
    bucket,
    name,
    a: textArgument({
      name: "A",
      description: "a key, latest or an alias such as @production",
      expected: "a key",
    }),
    b: textArgument({ name: "B", description: "the other model", expected: "a key" }),
  },
  async run(values, { client, modelClasses }) {
    const [a, b] = [
      await findModel({ ...values, which: values.a }, client),
      await findModel({ ...values, which: values.b }, client),
    ];
    const found = await diffModels(values.bucket, [a, b], { client, modelClasses });
    return { text: renderModelDiff(found), json: found, exitCode: found.same ? 0 : 3 };
  },
});

const verify = subcommand({
  words: "models verify",
  description: "Checks a model's file, its signature, the aliases that name it, and its dataset.",
  example: "my-bucket time-to-dispatch @production --data --public-key public-key.pem",
  exitCodes: "3 a check failed",
  arguments: {
    bucket,
    name,
    which: model,
    data: flagOption({ description: "download the dataset and check its bytes" }),
    publicKey: textOption({
      placeholder: "FILE",
      description: "public keys in PEM (default: those of MODEL_PUBLIC_KEYS)",
      expected: "a file",
    }),
  },
  async run(values, { client }) {
    const publicKeys = values.publicKey === undefined ? undefined : await readKeys(values.publicKey);
    readPublicKeys();
    const key = await findModel(values, client);
    const address = addressOf(values.bucket, key);
    try {
      const { ok, checks, sha256 } = await verifyModel(values.bucket, key, {
        ...{ data: values.data, publicKeys, client },
      });
      const rows = checks.map((check) => [check.status, check.name, check.detail]);
      const verdict = `${address}: ${ok ? "verified" : "NOT what was recorded"}`;
      const text = `${renderTable(["status", "check", "detail"], rows)}\n\n${verdict}`;
      return { text, json: { ok, address, sha256, checks }, exitCode: ok ? 0 : 3 };
    } catch (error) {
      // A file that is no model's any more was changed, too.
      if (error instanceof ModelIntegrityError || error instanceof ArtefactChangedError) {
        const checks = [{ name: "file", status: "failed", detail: error.message }];
        return {
          text: `failed  file  ${error.message}\n\n${address}: NOT what was recorded`,
          json: { ok: false, address, checks },
          exitCode: 3,
        };
      }
      throw error;
    }
  },
});

async function readKeys(file: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentsError(`--public-key is ${JSON.stringify(file)}: ${fault}`, { cause: error });
  }
  if (readPublicKeys(pem, file) === undefined) {
    throw new InvalidArgumentsError(`--public-key is ${JSON.stringify(file)}, which is empty`);
  }
  return pem;
}

const sign = subcommand({
  words: "models sign",
  description:
    "Signs a model's file that is there, by MODEL_SIGNING_KEY, and renews the aliases that name it.",
  example: "my-bucket time-to-dispatch models/time-to-dispatch_2021-07-20T14:44:13.558Z.json",
  arguments: {
    bucket,
    name,
    key: textArgument({ name: "KEY", description: "key of the model", expected: "a key" }),
  },
  async run(values, { client }) {
    const before = await readModelFile({ bucket: values.bucket, key: values.key }, { client });
    const naming = (await readAliases(values.bucket, values.name, { client })).filter(
      ({ model: { key, sha256 } }) => key === values.key && sha256 === before.sha256,
    );
    const { key, etag, address } = await signModel(values.bucket, values.key, { client });
    const { file, sha256 } = await readModelFile({ bucket: values.bucket, key, etag }, { client });
    const keyId = file.signedBy?.keyId ?? "";
    // An alias names a file to the byte, and the bytes have changed.
    for (const { alias } of naming) {
      await promoteModel(values.bucket, values.name, key, {
        alias,
        reason: `signed by key ${keyId}`,
        client,
      });
    }
    const aliases = naming.map(({ alias }) => alias);
    const renewed = aliases.length === 0 ? "" : `\nrenewed: ${aliases.join(" ")}`;
    return { text: `${address}: signed by key ${keyId}${renewed}`, json: { key, sha256, keyId, aliases } };
  },
});

const card = subcommand({
  words: "models card",
  description: "Renders a model's card as one HTML file: data, search, errors, curves, gate and lineage.",
  example: "my-bucket time-to-dispatch @production --output card.html",
  arguments: {
    bucket,
    name,
    which: model,
    output: textOption({
      placeholder: "FILE",
      description: "the file to write (default: print the card)",
      expected: "a file",
    }),
  },
  async run(values, { client, modelClasses }) {
    const key = await findModel(values, client);
    const loaded = await getModelFromS3(modelClasses, values.bucket, key, { client });
    const modelClass = modelClasses.find(({ modelType }) => modelType === loaded.modelType);
    const html = renderModelCard(loaded, { modelClass, address: addressOf(values.bucket, key) });
    if (values.output === undefined) {
      return { text: html.trimEnd(), json: { key, html } };
    }
    await writeReport(values.output, html);
    return { text: `wrote ${values.output}`, json: { key, output: values.output } };
  },
});

async function writeReport(file: string, html: string): Promise<void> {
  try {
    await writeFile(file, html);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentsError(`--output is ${JSON.stringify(file)}: ${fault}`, { cause: error });
  }
}

/** Commands that show or prove models. */
export const MODEL_COMMANDS = [list, show, diff, card, verify, sign];
