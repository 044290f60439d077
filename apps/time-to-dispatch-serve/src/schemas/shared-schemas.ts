import type { TSchema } from "@sinclair/typebox";
import { BatchPrediction } from "./batch-prediction.js";
import { ErrorDetail } from "./error-detail.js";
import { Alive, Ready, Waiting } from "./health.js";
import { HTTPValidationError, ValidationError } from "./http-validation-error.js";
import {
  InferenceError,
  InferenceLive,
  InferenceModel,
  InferenceModelReady,
  InferenceReady,
  InferenceRequest,
  InferenceResponse,
  InferenceServer,
} from "./inference.js";
import { ModelDescription } from "./model-description.js";
import { orderSchema } from "./order.js";
import { Prediction } from "./prediction.js";
import { PredictionCurves } from "./prediction-curves.js";
import { Predictions } from "./predictions.js";

/** All that routes refer to by name; an order is described anew for every model. */
export const SHARED_SCHEMAS: readonly TSchema[] = [
  { ...orderSchema(undefined), $id: "Data" },
  Prediction,
  BatchPrediction,
  Predictions,
  InferenceServer,
  InferenceLive,
  InferenceReady,
  InferenceModel,
  InferenceModelReady,
  InferenceRequest,
  InferenceResponse,
  InferenceError,
  Alive,
  Ready,
  Waiting,
  ModelDescription,
  PredictionCurves,
  ValidationError,
  HTTPValidationError,
  ErrorDetail,
];
