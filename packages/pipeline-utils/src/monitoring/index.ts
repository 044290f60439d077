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
export { profileColumn, profileModel } from "./profile.js";
export type { CategoryProfile, ColumnProfile, ModelProfile, NumberProfile, ProfiledData } from "./profile.js";
export { trainedRange, typicalRow } from "./typical-row.js";
