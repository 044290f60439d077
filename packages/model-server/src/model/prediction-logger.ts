import { decodeValue } from "@ml-pipelines/pipeline-utils/aws";
import type { S3CallOptions } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { PredictionLog } from "@ml-pipelines/pipeline-utils/monitoring";
import type { DroppedPredictions, LoggedPrediction } from "@ml-pipelines/pipeline-utils/monitoring";
import type { ServedModel } from "./served-model.js";

/** Where predictions are logged, and how much of them. */
export interface PredictionLoggerOptions {
  readonly bucket: string;
  /** Name of the models. */
  readonly name: string;
  /** Names of the inputs that are logged; undefined for all. */
  readonly inputs: readonly string[] | undefined;
  readonly client: S3CallOptions["client"];
  readonly log: Logger;
}

/** Logs every prediction to the bucket. No request waits for it. */
export class PredictionLogger {
  readonly #predictions: PredictionLog;
  readonly #log: Logger;
  readonly #address: string;
  /** Rows that were written when a failure was last told. */
  #toldAt = -1;

  constructor({ bucket, name, inputs, client, log }: PredictionLoggerOptions) {
    this.#log = log;
    this.#address = `s3://${bucket}/predictions/${name}/`;
    this.#predictions = new PredictionLog({
      ...{ bucket, name, inputs, client },
      onError: (error) => {
        this.#tell(error);
      },
    });
  }

  /** Rows that are in the bucket. */
  get written(): number {
    return this.#predictions.written;
  }

  /** Rows that were lost, by reason. */
  get dropped(): DroppedPredictions {
    return this.#predictions.dropped;
  }

  /**
   * Log one row.
   *
   * @param id - Id of the request.
   * @param value - As the model gave it.
   */
  add(id: string, model: ServedModel, row: readonly number[], value: number): void {
    const inputs: Record<string, LoggedPrediction["inputs"][string]> = {};
    for (const [index, feature] of model.features.entries()) {
      inputs[feature.name] = decodeValue(feature, row[index] ?? NaN);
    }
    const { key: modelKey } = model.origin;
    this.#predictions.add({ id, modelKey, modelHash: model.hash, inputs, prediction: model.answer(value) });
  }

  /** Write all that is in memory; give up after 5 s. */
  async close(): Promise<void> {
    await this.#predictions.flush();
    const { late } = this.dropped;
    if (late > 0) {
      this.#log.warn(`Could not log the last ${late} predictions to ${this.#address} in time`);
    }
  }

  /** Once an outage, however many attempts fail. */
  #tell(error: unknown): void {
    if (this.#toldAt !== this.written) {
      this.#toldAt = this.written;
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn(`Could not log predictions to ${this.#address}, trying again - ${reason}`);
    }
  }
}
