import { checkOptions } from "../../argument-error.js";
import type { ModelClass } from "../../aws/models/model-class.js";
import {
  aliasOption,
  bucketArgument,
  deadlineOption,
  failureHookOption,
  flagOption,
  numberArgument,
  numberOption,
} from "../program/argument.js";
import type { Argument } from "../program/argument.js";
import { runProgram } from "../program/run-program.js";
import { readMetrics, worseSide } from "./gate.js";
import type { Metric } from "./gate.js";
import { TRAIN_STAGE_OPTIONS } from "./train-options.js";
import type { TrainStageOptions } from "./train-options.js";

/**
 * Run a training stage as a program, and end the process: `NAME-train S3_BUCKET R_SQUARED_ERROR_THRESHOLD
 * R_SQUARED_WARNING_THRESHOLD [--max-seconds N] [--allow-future] [--max-drift PSI] [--on-failure URL] [--champion ALIAS] [--promote ALIAS] [--if-new]`.
 *
 * The thresholds are named after the gated metric; without a gated metric there are none. The steps are:
 *
 * 1. Read the newest dataset of its name, and check it.
 * 2. Compare it with that of an earlier model: of the alias of `--champion`, else of the newest model. Each column that
 *    has moved is a warning, and ends the run if its PSI reaches `--max-drift`.
 * 3. Train, and score the held-out rows.
 * 4. Run all checks, and compare the gated metric with its thresholds.
 * 5. Write the model with its metadata.
 * 6. With `--champion`, compare the model with the one that the alias names. With `--promote`, let the alias name it.
 *
 * If one of the first five steps fails, nothing is written. If step 6 fails, the model is there and not promoted. Exit
 * codes and signals are those of {@link runProgram}.
 *
 * @throws {TypeError} An option is unknown or has the wrong type, in a caller without types. The model class has no `predict`, a metric has no score, or two metrics are gated.
 */
export async function runTrainStage<M>(options: TrainStageOptions<M>): Promise<void> {
  checkOptions(options, TRAIN_STAGE_OPTIONS);
  const { name, program = `${name}-train`, datasetName, logModule, argv } = options;
  const predict = predictOf(options.modelClass);
  const metrics = readMetrics(options.metrics);
  await runProgram({
    name: program,
    description: `Trains on the newest CSV s3://S3_BUCKET/datasets/${datasetName}_… and puts the model under s3://S3_BUCKET/models/.`,
    logModule,
    failure: "Error encountered when training model",
    arguments: {
      bucket: bucketArgument(),
      ...(metrics.gated === undefined ? {} : thresholdArguments(metrics.gated)),
      maxSeconds: deadlineOption({ placeholder: "N" }),
      allowFuture: flagOption({ description: "accept a dataset dated more than a day ahead of the clock" }),
      maxDrift: numberOption({
        placeholder: "PSI",
        description:
          "end with 2 if a column has moved by this population stability index since the earlier model (default: warn)",
        above: 0,
      }),
      onFailure: failureHookOption(),
      champion: aliasOption({
        description: "fail if the model is worse than the one that this alias names",
      }),
      promote: aliasOption({ description: "let this alias name the model, if it is put and not worse" }),
      ifNew: flagOption({
        description:
          "do nothing if the newest model is of the same dataset, commit and settings, and promoted",
      }),
    },
    environment: {
      GIT_COMMIT_HASH: "kept with the model (default NA)",
      MODEL_SIGNING_KEY: "ed25519 private key in PEM, which signs the model (default: unsigned)",
    },
    ...(argv === undefined ? {} : { argv }),
    async run({ errorThreshold: error, warningThreshold: warning, ...values }, context) {
      const { bucket, allowFuture, maxDrift, champion, promote, ifNew } = values;
      const thresholds = error === undefined || warning === undefined ? undefined : { error, warning };
      // Import it only after the arguments are valid, because loading storage and tables takes most of the start.
      const { trainStage } = await import("./train-stage.js");
      const registry = { champion, promote, ifNew };
      await trainStage({
        ...context,
        options,
        predict,
        metrics,
        bucket,
        thresholds,
        allowFuture,
        maxDrift,
        ...registry,
      });
    },
  });
}

function predictOf<M>(modelClass: ModelClass<M>): (model: M, row: readonly number[]) => number {
  if (modelClass.predict === undefined) {
    throw new TypeError(
      `model class ${modelClass.modelType} has no predict: a training stage cannot evaluate its models`,
    );
  }
  return modelClass.predict.bind(modelClass);
}

function thresholdArguments(gated: Metric): {
  readonly errorThreshold: Argument<number>;
  readonly warningThreshold: Argument<number>;
} {
  const { name, label, maximum, isBuiltIn } = gated;
  const threshold = (kind: string, consequence: string): Argument<number> => {
    const shownName = `${name.toUpperCase()}_${kind}_THRESHOLD`;
    return numberArgument({
      name: shownName,
      variable: shownName,
      description: `a model whose ${label} is ${worseSide(gated)} this is ${consequence}`,
      // Custom metrics may be negative.
      ...(isBuiltIn ? { above: 0 } : {}),
      ...(maximum === undefined ? {} : { maximum }),
    });
  };
  return {
    errorThreshold: threshold("ERROR", "not kept"),
    warningThreshold: threshold("WARNING", "kept with a warning"),
  };
}
