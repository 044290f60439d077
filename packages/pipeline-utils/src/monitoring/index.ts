export {
  columnDrift,
  driftBins,
  driftQuantile,
  driftThreshold,
  populationStabilityIndex,
  smoothedShares,
} from "./drift.js";
export type { ColumnDrift, DriftBins } from "./drift.js";
export { conformalInterval, predictionInterval } from "./interval.js";
export type {
  ConformalInterval,
  HalfWidth,
  ModelInterval,
  PredictedRow,
  PredictionInterval,
} from "./interval.js";
export { accuracy, meanAbsoluteError, rSquared } from "./metrics.js";
export type { Score } from "./metrics.js";
export { monitorPredictions } from "./monitor/monitor-predictions.js";
export type { MonitorOptions } from "./monitor/monitor-predictions.js";
export type {
  DriftVerdict,
  Estimate,
  MonitoredColumn,
  MonitoredDay,
  MonitoringResult,
} from "./monitor/monitoring-result.js";
export { PredictionLog } from "./predictions/prediction-log.js";
export type {
  DroppedPredictions,
  LoggedPrediction,
  PredictionLogOptions,
} from "./predictions/prediction-log.js";
export { readPredictionBatches, readPredictions } from "./predictions/read-predictions.js";
export type { ReadPredictionsOptions } from "./predictions/read-options.js";
export { profileColumn, profileModel, readProfile } from "./profile.js";
export type {
  CategoryProfile,
  ColumnProfile,
  ModelProfile,
  NumberProfile,
  ProfiledData,
  ReadProfile,
} from "./profile.js";
export { trainedRange, typicalRow } from "./typical-row.js";
