import { parseTimestampedKey } from "@ml-pipelines/pipeline-utils/aws";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import { REFRESH_OUTCOMES } from "../model/model-rule.js";
import type { ServedModel } from "../model/served-model.js";

type Milliseconds = (model: ServedModel) => number | undefined;

const CREATED: Milliseconds = ({ model }) => model.creationTime.getTime();
const LOADED: Milliseconds = ({ loadedAt }) => loadedAt.getTime();
/** By the key of the dataset. */
const DATASET: Milliseconds = ({ model }) => parseTimestampedKey(model.trainDataset.key)?.timestamp.getTime();
const age =
  (when: Milliseconds): Milliseconds =>
  (model) => {
    const then = when(model);
    return then === undefined ? undefined : Date.now() - then;
  };

/** Register the metrics of the model. All of them are asked of the holder when metrics are collected. */
export function registerModelMetrics(holder: ModelHolder, registers: Registry[]): void {
  registerInfo(holder, registers);
  registerAlias(holder, registers);
  registerOutcomes(holder, registers);
  registerFuture(holder, registers);
  registerTimes(holder, registers);
}

function registerInfo(holder: ModelHolder, registers: Registry[]): void {
  new Gauge({
    name: "model_info",
    help: "The model that is served; its value is 1",
    labelNames: [
      "name",
      "model_type",
      "model_hash",
      "model_key",
      "train_dataset_key",
      "train_dataset_hash",
      "commit",
    ],
    registers,
    collect() {
      this.reset();
      if (!holder.current) {
        return;
      }
      const { model, hash, origin } = holder.current;
      const labels = {
        name: model.name,
        model_type: model.modelType,
        model_hash: hash,
        model_key: origin.key,
        train_dataset_key: model.trainDataset.key,
        train_dataset_hash: model.trainDataset.hash,
        commit: model.pipelineGitCommitHash,
      };
      this.set(labels, 1);
    },
  });
}

/** Replicas that follow one alias agree if all have its sequence. */
function registerAlias(holder: ModelHolder, registers: Registry[]): void {
  new Gauge({
    name: "model_alias_sequence",
    help: "Number of the alias's move that is carried out: the model that it names is served",
    labelNames: ["alias", "model_key"],
    registers,
    collect() {
      this.reset();
      if (holder.alias) {
        const { name, sequence, key } = holder.alias;
        this.set({ alias: name, model_key: key }, sequence);
      }
    },
  });
}

function registerOutcomes(holder: ModelHolder, registers: Registry[]): void {
  new Counter({
    name: "model_refreshes_total",
    help: "Looks for the model that should be served, by outcome; failed is storage's fault, refused the model's",
    labelNames: ["outcome"],
    registers,
    collect() {
      this.reset();
      for (const outcome of REFRESH_OUTCOMES) {
        this.inc({ outcome }, holder.outcomes[outcome]);
      }
    },
  });
  new Gauge({
    name: "model_refused",
    help: "1 while the model that should be served, the newest or the alias's, is refused",
    registers,
    collect() {
      this.set(holder.refusal === undefined ? 0 : 1);
    },
  });
}

/** A file dated ahead of the clock would rule for years: an operator must rename or delete it. */
function registerFuture(holder: ModelHolder, registers: Registry[]): void {
  new Gauge({
    name: "model_future_dated",
    help: "1 while a model dated more than a day ahead of the clock is passed over",
    registers,
    collect() {
      this.set(holder.futureAddress === undefined ? 0 : 1);
    },
  });
}

function registerTimes(holder: ModelHolder, registers: Registry[]): void {
  const times: readonly [name: string, help: string, milliseconds: Milliseconds][] = [
    ["model_created_timestamp_seconds", "When the model was made", CREATED],
    ["model_loaded_timestamp_seconds", "When this process loaded the model", LOADED],
    ["model_age_seconds", "Time since the model was made", age(CREATED)],
    ["dataset_timestamp_seconds", "The timestamp of the dataset that the model was trained on", DATASET],
    ["dataset_age_seconds", "Time since the timestamp of the dataset", age(DATASET)],
  ];
  for (const [name, help, milliseconds] of times) {
    new Gauge({
      name,
      help,
      labelNames: ["model_hash"],
      registers,
      collect() {
        this.reset();
        const value = holder.current && milliseconds(holder.current);
        if (holder.current && value !== undefined) {
          this.set({ model_hash: holder.current.hash }, value / 1_000);
        }
      },
    });
  }
}
