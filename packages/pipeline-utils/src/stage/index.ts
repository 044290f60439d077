export {
  aliasOption,
  bucketArgument,
  choiceOption,
  deadlineOption,
  failureHookOption,
  flagOption,
  integerOption,
  numberArgument,
  numberOption,
  textArgument,
  textOption,
} from "./program/argument.js";
export type {
  Argument,
  Arguments,
  ArgumentText,
  ArgumentValues,
  Bounds,
  OptionSpec,
  PositionalSpec,
  TextRule,
} from "./program/argument.js";
export {
  BadDeliveryError,
  InvalidArgumentsError,
  StageError,
  StoppedError,
  TemporaryError,
} from "./program/errors.js";
export { describeFailure } from "./program/failure.js";
export type { Failure } from "./program/failure.js";
export { readVersion } from "./program/help.js";
export { Progress } from "./program/progress.js";
export { runProgram } from "./program/run-program.js";
export type { ProgramContext, ProgramOptions } from "./program/run-program.js";
export { atMostTimesObserved, increasing, notNegative } from "./train/checks.js";
export type { Check, CheckContext, CheckIssue } from "./train/checks.js";
export type { PreparedData, Sample } from "./train/prepared-data.js";
export { runTrainStage } from "./train/run-train-stage.js";
export type {
  MetricOptions,
  TrainContext,
  TrainedModel,
  TrainProgress,
  TrainStageOptions,
} from "./train/train-options.js";
