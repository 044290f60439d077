import type { ProgramContext } from "../program/run-program.js";
import type { Metrics, Thresholds } from "./gate.js";
import type { TrainStageOptions } from "./train-options.js";

/** One run of a stage. */
export interface TrainRun<M> extends ProgramContext {
  readonly options: TrainStageOptions<M>;
  /** `predict` of the model class. */
  readonly predict: (model: M, row: readonly number[]) => number;
  readonly metrics: Metrics;
  readonly bucket: string;
  /** undefined if no metric is gated. */
  readonly thresholds: Thresholds | undefined;
  readonly allowFuture: boolean;
  /** The PSI from which on a moved column ends the run; undefined: it is a warning. */
  readonly maxDrift: number | undefined;
  /** The alias whose model the new one must not be worse than; undefined: any model passes. */
  readonly champion: string | undefined;
  /** The alias that is to name the model; undefined: none. */
  readonly promote: string | undefined;
  /** Whether to do nothing if the newest model is the one that this run would train. */
  readonly ifNew: boolean;
}
