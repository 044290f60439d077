import { promoteModel, rollBackModel } from "../aws/registry/promote-model.js";
import { pruneModels } from "../aws/registry/prune-models.js";
import { listAliasHistory } from "../aws/registry/read-registry.js";
import type { Alias } from "../aws/registry/alias.js";
import {
  integerOption,
  flagOption,
  numberOption,
  textArgument,
  textOption,
  textsOption,
} from "../stage/program/argument.js";
import { findModel } from "./find-model.js";
import { actor, alias, bucket, limit, name, reason, subcommand } from "./subcommand.js";
import type { CommandResult } from "./subcommand.js";
import { renderFields, renderTable } from "./table.js";

const promote = subcommand({
  words: "models promote",
  description: "Lets an alias name a model, after its file and its dataset were verified.",
  example: 'my-bucket time-to-dispatch latest --alias production --reason "the week\'s training"',
  arguments: {
    bucket,
    name,
    key: textArgument({
      name: "KEY|latest",
      description: "key of the model, or the newest",
      expected: "a key",
    }),
    alias,
    reason,
    actor,
  },
  async run(values, { client }) {
    const key = await findModel({ ...values, which: values.key }, client);
    const options = { alias: values.alias, reason: values.reason, actor: values.actor, client };
    return showMove(await promoteModel(values.bucket, values.name, key, options));
  },
});

const rollBack = subcommand({
  words: "models rollback",
  description: "Lets an alias name the model before its last move again, or any earlier one.",
  example: 'my-bucket time-to-dispatch --alias production --reason "predictions are too low"',
  arguments: {
    bucket,
    name,
    alias,
    reason,
    actor,
    to: textOption({
      placeholder: "KEY",
      description: "the model to roll back to (default: the one before the last move)",
      expected: "a key",
    }),
  },
  async run({ bucket: of, name: models, ...options }, { client }) {
    const { alias: moved, reason: why, actor: who, to } = options;
    return showMove(await rollBackModel(of, models, { alias: moved, reason: why, actor: who, to, client }));
  },
});

function showMove(move: Alias): CommandResult {
  const { alias: moved, model, previous, sequence, actor: who, reason: why, time } = move;
  const text = renderFields({
    alias: moved,
    model: model.key,
    before: previous?.key,
    sequence: String(sequence),
    actor: who,
    reason: why,
    time: time.toISOString(),
  });
  return { text, json: move };
}

const history = subcommand({
  words: "models history",
  description: "Shows the moves of an alias, newest first: who, when, why, from and to.",
  example: "my-bucket time-to-dispatch --alias production",
  arguments: { bucket, name, alias, limit },
  async run(values, { client }) {
    const moves = await listAliasHistory(values.bucket, values.name, values.alias, {
      limit: values.limit,
      client,
    });
    const rows = moves.map(({ sequence, time, model, previous, actor: who, reason: why, carriedOut }) => [
      String(sequence),
      time.toISOString(),
      who,
      carriedOut ? model.key : `not carried out: ${model.key}`,
      previous?.key ?? "",
      why,
    ]);
    return { text: renderTable(["no", "time", "actor", "to", "from", "reason"], rows), json: moves };
  },
});

const prune = subcommand({
  words: "models prune",
  description: "Shows the models that nothing needs any more; with --apply, deletes them.",
  example: "my-bucket time-to-dispatch --keep models/time-to-dispatch_2021-07-20T14:44:13.558Z.json",
  arguments: {
    bucket,
    name,
    keep: textsOption({
      placeholder: "KEY",
      description: "a model to keep, such as one that a service pins by --model-key; may be repeated",
      expected: "a key",
    }),
    newest: integerOption({
      placeholder: "N",
      description: "number of the newest models to keep",
      minimum: 1,
      default: 10,
    }),
    days: numberOption({
      placeholder: "DAYS",
      description: "keep models that are younger",
      minimum: 0,
      default: 30,
    }),
    apply: flagOption({ description: "delete them" }),
  },
  async run({ bucket: of, name: models, keep, newest, days, apply }, { client, say }) {
    const onDelete = (key: string): void => {
      say(`deleted ${key}`);
    };
    const result = await pruneModels(of, models, { keep, newest, days, apply, onDelete, client });
    const { living, unused } = result;
    const kept = living.map(({ key, reasons }) => ["keep", key, reasons.join("; ")]);
    const others = unused.map((key) => [apply ? "deleted" : "delete", key, "nothing needs it"]);
    const notes = [
      `${living.length} models stay, ${unused.length} ${apply ? "were deleted" : "would be deleted"}.`,
      "Keys that services pin by --model-key are unknown to this command: give them as --keep.",
      ...(apply || unused.length === 0 ? [] : ["Nothing was deleted; --apply deletes."]),
    ];
    const table = apply ? [] : [renderTable(["", "key", "why"], [...kept, ...others]), ""];
    return { text: [...table, ...notes].join("\n"), json: { ...result, applied: apply } };
  },
});

/** Commands that move aliases, or delete what no alias needs. */
export const ALIAS_COMMANDS = [promote, rollBack, history, prune];
