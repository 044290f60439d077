export { columnDrift, driftBins, driftQuantile, driftThreshold, populationStabilityIndex } from "./drift.js";
export type { ColumnDrift, DriftBins } from "./drift.js";
export { accuracy, meanAbsoluteError, rSquared } from "./metrics.js";
export type { Score } from "./metrics.js";
export { profileColumn, profileModel } from "./profile.js";
export type { CategoryProfile, ColumnProfile, ModelProfile, NumberProfile, ProfiledData } from "./profile.js";
export { trainedRange, typicalRow } from "./typical-row.js";
